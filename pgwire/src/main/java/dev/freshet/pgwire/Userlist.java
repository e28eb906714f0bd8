package dev.freshet.pgwire;

import dev.freshet.base.Trouble;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The users of a PgBouncer `userlist.txt`: a line each with name and secret in double quotes,
/// where `""` stands for one; what follows on the line is ignored, and so are empty lines and those
/// that begin with `;`.
///
/// @param users in the file's order
public record Userlist(Map<String, Secret> users) {

  public Userlist {
    users = Collections.unmodifiableMap(new LinkedHashMap<>(users));
  }

  /// Reads the text of such a file.
  ///
  /// @param place the file's name, for troubles
  /// @throws Trouble.Found with every line that is wrong; no secret is shown
  public static Userlist parse(String place, String text) {
    Map<String, Secret> users = new LinkedHashMap<>();
    List<Trouble> troubles = new ArrayList<>();
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      Trouble trouble = add(users, place + ":" + (i + 1), lines.get(i));
      if (trouble != null) {
        troubles.add(trouble);
      }
    }
    if (!troubles.isEmpty()) {
      throw new Trouble.Found(troubles);
    }
    return new Userlist(users);
  }

  public @Nullable Secret find(String user) {
    return users.get(user);
  }

  /// Only the names.
  @Override
  public String toString() {
    return "Userlist" + users.keySet();
  }

  private static @Nullable Trouble add(Map<String, Secret> users, String place, String text) {
    String line = text.strip();
    if (line.isEmpty() || line.startsWith(";")) {
      return null;
    }
    int nameEnd = endOfQuoted(line, 0);
    if (nameEnd < 0) {
      return new Trouble(place, "no user name in double quotes", "write \"user\" \"secret\"");
    }
    int secretAt = nameEnd;
    while (secretAt < line.length() && Character.isWhitespace(line.charAt(secretAt))) {
      secretAt++;
    }
    int secretEnd = endOfQuoted(line, secretAt);
    if (secretEnd < 0) {
      return new Trouble(
          place, "no secret in double quotes after the user name", "write \"user\" \"secret\"");
    }
    String name = unquoted(line, 0, nameEnd);
    if (name.isEmpty()) {
      return new Trouble(place, "the user name is empty", "name the user, or remove the line");
    }
    if (users.containsKey(name)) {
      return new Trouble(place, "user " + name + " has a line already", "keep one of them");
    }
    try {
      users.put(name, Secret.parse(unquoted(line, secretAt, secretEnd)));
    } catch (IllegalArgumentException e) {
      return new Trouble(
          place,
          "the secret of " + name + ": " + e.getMessage(),
          "copy it again from pg_authid.rolpassword");
    }
    return null;
  }

  /// Behind the closing quote, or -1 when none opens here or it never closes.
  private static int endOfQuoted(String line, int from) {
    if (!line.startsWith("\"", from)) {
      return -1;
    }
    int quote = line.indexOf('"', from + 1);
    while (quote >= 0 && line.startsWith("\"\"", quote)) {
      quote = line.indexOf('"', quote + 2);
    }
    return quote < 0 ? -1 : quote + 1;
  }

  private static String unquoted(String line, int from, int end) {
    return line.substring(from + 1, end - 1).replace("\"\"", "\"");
  }
}
