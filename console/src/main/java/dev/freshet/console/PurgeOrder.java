package dev.freshet.console;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The content of `POST /purge`.
///
/// @param urls absolute, as clients use them
/// @param groups names from Cache-Groups, Surrogate-Key or Cache-Tag
/// @param tables names of tables: what is known to be made from their rows
/// @param prefix beginning of absolute URLs, or null
/// @param all everything
/// @param soft mark stale instead of forgetting
/// @param patience how long the answer may take, to tell what the second tier held
public record PurgeOrder(
    List<String> urls,
    List<String> groups,
    List<String> tables,
    @Nullable String prefix,
    boolean all,
    boolean soft,
    Duration patience) {

  public PurgeOrder {
    urls = List.copyOf(urls);
    groups = List.copyOf(groups);
    tables = List.copyOf(tables);
  }

  boolean isEmpty() {
    return urls.isEmpty()
        && groups.isEmpty()
        && tables.isEmpty()
        && (prefix == null || prefix.isEmpty())
        && !all;
  }
}
