package dev.freshet.sql;

import org.jspecify.annotations.Nullable;

/// A table as a statement names it: folded to lower case unless quoted, and cut to 63 octets, as
/// PostgreSQL does.
///
/// @param schema null where the search path decides
public record TableName(@Nullable String schema, String name) {

  @Override
  public String toString() {
    return schema == null ? name : schema + "." + name;
  }
}
