package dev.freshet.sql;

import java.util.ArrayList;
import java.util.List;

/// From where a statement is read: what of a session decides which tables its names mean and which
/// rows it may see. The catalog that goes with it is [Catalog].
///
/// Not asked for at all: sessions that may have temporary tables (they come first wherever a schema
/// is left out), whose `standard_conforming_strings` is off or whose client encoding is another
/// than UTF8, and transactions that have written or taken their snapshot earlier.
///
/// @param user `current_user`: the role that SET ROLE chose, if any
/// @param searchPath the schemas of `search_path`, `$user` where it stands
public record Viewpoint(String user, List<String> searchPath) {
  static final String USER = "$user";

  public Viewpoint {
    searchPath = List.copyOf(searchPath);
  }

  /// Reads `search_path` as SHOW prints it and SET takes it: `"$user", public`.
  public static Viewpoint of(String user, String searchPath) {
    List<String> schemas = new ArrayList<>();
    StringBuilder name = new StringBuilder();
    boolean isQuoted = false;
    boolean wasQuoted = false;
    for (int i = 0; i <= searchPath.length(); i++) {
      char c = i < searchPath.length() ? searchPath.charAt(i) : ',';
      boolean isEnd = i == searchPath.length();
      if (c == '"' && !isEnd) {
        boolean isTwice = isQuoted && i + 1 < searchPath.length() && searchPath.charAt(i + 1) == c;
        if (isTwice) {
          name.append(c);
          i++;
        } else {
          isQuoted = !isQuoted;
          wasQuoted = true;
        }
      } else if (isQuoted && !isEnd) {
        name.append(c);
      } else if (c == ',') {
        if (wasQuoted || !name.isEmpty()) {
          schemas.add(name.toString());
        }
        name.setLength(0);
        wasQuoted = false;
      } else if (c != ' ' && c != '\t' && c != '\n') {
        name.append(c >= 'A' && c <= 'Z' ? (char) (c + 32) : c);
      }
    }
    return new Viewpoint(user, schemas);
  }
}
