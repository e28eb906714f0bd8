package dev.freshet.load;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A figure that a write sets, and where it can be seen.
///
/// @param shownAt path and query of JSON that shows it
/// @param name of the member there
/// @param value what it is set to; each write of a run should set another one
public record Figure(String shownAt, String name, long value) {

  /// What some content shows it to be.
  OptionalLong in(String content) {
    Matcher found = Pattern.compile("\"" + name + "\"\\s*:\\s*(-?\\d{1,18})").matcher(content);
    return found.find() ? OptionalLong.of(Long.parseLong(found.group(1))) : OptionalLong.empty();
  }
}
