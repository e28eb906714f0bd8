package dev.freshet.edge;

import dev.freshet.http.QueryString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a request wants of a list, read from its query.
///
/// @param target path and query without the parameters that are read here: what the app is asked
/// @param limit elements at most, or -1 where the request names no number
/// @param fields members to keep of each element, in UTF-8; empty for all
/// @param fieldsText as sent
/// @param text limit, cursor and fields as sent: equal for requests that want the same of one list
record PageAsk(
    String target,
    int limit,
    @Nullable Cursor cursor,
    List<byte[]> fields,
    String fieldsText,
    String text) {
  private static final int MAX_FIELDS = 100;

  /// The request can't be understood; the message says why.
  static final class Bad extends Exception {
    private static final long serialVersionUID = 1;

    Bad(String message) {
      super(message);
    }
  }

  static PageAsk of(String target, Pagination.Names names) throws Bad {
    int question = target.indexOf('?');
    if (question < 0) {
      return whole(target);
    }
    String limit = null;
    String cursor = null;
    String fields = null;
    StringBuilder rest = new StringBuilder(target.length()).append(target, 0, question);
    char before = '?';
    for (String pair : QueryString.pairs(target.substring(question + 1))) {
      String name = QueryString.nameOf(pair);
      String value = pair.substring(Math.min(pair.length(), pair.indexOf('=') + 1));
      if (name.equals(names.limit())) {
        limit = once(limit, name, value);
      } else if (name.equals(names.cursor())) {
        cursor = once(cursor, name, value);
      } else if (name.equals(names.fields())) {
        fields = once(fields, name, value);
      } else {
        rest.append(before).append(pair);
        before = '&';
      }
    }
    return new PageAsk(
        rest.toString(),
        limit == null ? -1 : number(names.limit(), limit),
        cursor == null ? null : cursor(names.cursor(), cursor),
        fields == null ? List.of() : fields(names.fields(), fields),
        fields == null ? "" : fields,
        text(limit, cursor, fields));
  }

  /// The list as it comes, in pages of the usual size.
  static PageAsk whole(String target) {
    return new PageAsk(target, -1, null, List.of(), "", text(null, null, null));
  }

  /// What is not said stands there empty: said with nothing in it, each of them is refused.
  private static String text(
      @Nullable String limit, @Nullable String cursor, @Nullable String fields) {
    return String.join(
        "\n",
        Objects.requireNonNullElse(limit, ""),
        Objects.requireNonNullElse(cursor, ""),
        Objects.requireNonNullElse(fields, ""));
  }

  private static String once(@Nullable String known, String name, String value) throws Bad {
    if (known != null) {
      throw new Bad(name + " stands twice");
    }
    return value;
  }

  private static int number(String name, String value) throws Bad {
    if (value.isEmpty()
        || value.length() > 9
        || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new Bad(name + " is not a whole number from 1 to 999999999");
    }
    int number = Integer.parseInt(value);
    if (number == 0) {
      throw new Bad(name + " must be at least 1");
    }
    return number;
  }

  private static Cursor cursor(String name, String value) throws Bad {
    Cursor cursor = Cursor.parse(QueryString.decode(value));
    if (cursor == null) {
      throw new Bad(name + " is none that was given out here: take it whole from a Link");
    }
    return cursor;
  }

  private static List<byte[]> fields(String name, String value) throws Bad {
    List<byte[]> out = new ArrayList<>();
    for (String field : QueryString.decode(value).split(",", -1)) {
      if (!field.isEmpty()) {
        out.add(field.getBytes(StandardCharsets.ISO_8859_1));
      }
    }
    if (out.isEmpty() || out.size() > MAX_FIELDS) {
      throw new Bad(name + " takes 1 to " + MAX_FIELDS + " names with commas between");
    }
    return out;
  }
}
