package dev.freshet.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The one setting of which a SET may change a half: how dates are written, or the order of day,
/// month and year. So it takes two of them to make it again.
final class DateStyle {
  private static final int MOST = 3;

  private DateStyle() {}

  /// What makes a setting that is made in several steps again.
  ///
  /// @param before what made it until now; null for nothing
  /// @param sql the step to come
  static String after(@Nullable String before, String sql) {
    List<String> steps = new ArrayList<>();
    boolean isStyle = is(sql, DateStyle::isStyle);
    boolean isOrder = is(sql, DateStyle::isOrder);
    if (before != null && !(isStyle && isOrder)) {
      for (String step : before.split(";", -1)) {
        // Of the other half the last step counts.
        boolean isOfOther = is(step, isStyle ? DateStyle::isOrder : DateStyle::isStyle);
        if (isOfOther || !(isStyle || isOrder)) {
          steps.add(step);
        }
      }
    }
    int from = isStyle || isOrder ? Math.max(0, steps.size() - 1) : 0;
    List<String> out = new ArrayList<>(steps.subList(from, steps.size()));
    out.add(sql);
    return String.join(";", out.subList(Math.max(0, out.size() - MOST), out.size()));
  }

  private interface Kind {
    boolean has(String word);
  }

  private static boolean is(String sql, Kind kind) {
    for (String word : sql.toLowerCase(Locale.ROOT).split("[^a-z]+", -1)) {
      if (kind.has(word)) {
        return true;
      }
    }
    return false;
  }

  /// As PostgreSQL reads them.
  private static boolean isStyle(String word) {
    return word.equals("iso")
        || word.equals("sql")
        || word.equals("german")
        || word.startsWith("postgres");
  }

  /// German dates are of an order of their own, unless another is asked for.
  private static boolean isOrder(String word) {
    return word.equals("ymd")
        || word.equals("dmy")
        || word.equals("mdy")
        || word.equals("us")
        || word.equals("german")
        || word.startsWith("euro")
        || word.startsWith("noneuro");
  }
}
