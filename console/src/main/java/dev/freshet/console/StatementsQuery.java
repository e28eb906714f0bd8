package dev.freshet.console;

/// Which statements to show.
///
/// @param sort what the largest of comes first, as the gateway names it
/// @param limit how many
public record StatementsQuery(String sort, int limit) {
  private static final int MOST = 10_000;

  /// The fifty that took the most time.
  static final StatementsQuery ALL = new StatementsQuery("time", 50);

  /// Reads `sort=calls&limit=20`; throws [IllegalArgumentException] with the reason.
  static StatementsQuery read(String query) {
    String sort = ALL.sort();
    int limit = ALL.limit();
    for (String pair : query.isEmpty() ? new String[0] : query.split("&", -1)) {
      int at = pair.indexOf('=');
      String name = at < 0 ? pair : pair.substring(0, at);
      String value = at < 0 ? "" : pair.substring(at + 1);
      switch (name) {
        case "sort" -> sort = value;
        case "limit" -> limit = number(value);
        default ->
            throw new IllegalArgumentException("'" + name + "' is not known; give sort or limit");
      }
    }
    return new StatementsQuery(sort, limit);
  }

  private static int number(String value) {
    if (value.matches("\\d{1,9}") && Integer.parseInt(value) > 0) {
      return Math.min(MOST, Integer.parseInt(value));
    }
    throw new IllegalArgumentException("limit is a number from 1 on, not '" + value + "'");
  }
}
