package dev.freshet.gateway;

import dev.freshet.sql.SqlComment;
import dev.freshet.sql.Statement;
import dev.freshet.sql.Verb;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A DEALLOCATE in SQL that is sent behind others, of what a client has prepared by message. Only
/// we know that by the client's name, and only the server can say in its turn what comes of it: so
/// it is given an empty statement of that name just before.
record Deallocation(ClientStatements client, Called called) implements Skipped {
  private static final Pattern WORDS =
      Pattern.compile(
          "DEALLOCATE\\s+(?:PREPARE\\s+)?(?:\"(?<quoted>[^\"]+)\"|(?<plain>\\w+))",
          Pattern.CASE_INSENSITIVE);

  /// What a statement deallocates; null where it is another one, or nothing with a name.
  static @Nullable String name(Statement read) {
    if (read.verb() != Verb.DEALLOCATE || read.count() != 1) {
      return null;
    }
    String text = new String(SqlComment.without(read.text()), StandardCharsets.UTF_8);
    Matcher words = WORDS.matcher(text);
    if (!words.matches()) {
      return null;
    }
    String plain = words.group("plain");
    if (plain == null) {
      return words.group("quoted");
    }
    String name = plain.toLowerCase(Locale.ROOT);
    return name.equals("all") ? null : name;
  }

  @Override
  public void takeBack(ServerLink link) {
    client.putBack(called);
  }

  /// What was given to the server is still there.
  @Override
  public void refused(ServerLink link) {
    client.putBack(called);
    link.prepared().leaves();
  }
}
