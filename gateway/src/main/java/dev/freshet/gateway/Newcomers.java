package dev.freshet.gateway;

import dev.freshet.pgwire.ErrorReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Those who log in before a pool has had its first connection, and so can't be told yet what the
/// server says of itself. On the gateway's loop.
final class Newcomers {
  private final Map<Welcome, Long> since = new LinkedHashMap<>();

  /// Told what the server says of itself, or why it can't be reached.
  interface Welcome {
    void parameters(Map<String, String> parameters);

    void unreachable(ErrorReport why);
  }

  void add(Welcome newcomer, long now) {
    since.put(newcomer, now);
  }

  /// It is gone.
  void remove(Welcome newcomer) {
    since.remove(newcomer);
  }

  int size() {
    return since.size();
  }

  /// For how long the first of them has waited; 0 when there is none.
  long longestWaitNanos(long now) {
    return since.isEmpty() ? 0 : now - since.values().iterator().next();
  }

  /// Takes out all of them, to be told.
  List<Welcome> take() {
    List<Welcome> out = List.copyOf(since.keySet());
    since.clear();
    return out;
  }

  /// Takes out those who have waited for longer than that, to be told.
  List<Welcome> takeTired(long now, long patience) {
    List<Welcome> out =
        since.entrySet().stream()
            .filter(each -> now - each.getValue() > patience)
            .map(Map.Entry::getKey)
            .toList();
    out.forEach(since::remove);
    return out;
  }
}
