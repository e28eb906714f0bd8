package dev.freshet.gateway;

import dev.freshet.pgwire.ErrorReport;
import dev.freshet.pgwire.Frames;
import dev.freshet.sql.SqlComment;
import dev.freshet.sql.Statement;
import dev.freshet.sql.Verb;
import io.netty.buffer.ByteBuf;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a client is told in place of an error that was provoked. Only the server can say in its
/// turn that something failed, skip what depends on it and end the transaction: where the gateway
/// refuses a message in the middle of others, the server is given one that is certain to fail.
sealed interface Instead {
  Charset ONE_EACH = StandardCharsets.ISO_8859_1;

  /// Of the error that was provoked; another one is the server's own.
  String sqlState();

  /// @param said the server's error as a whole message
  void write(ByteBuf said, int at, int size, ByteBuf out);

  /// What the server said, with a name of the client's in place of ours.
  static void write(ByteBuf said, int at, int size, String ours, byte[] own, ByteBuf out) {
    // As ISO 8859-1 every octet is a character and comes back as it was.
    String text = said.toString(at + Frames.HEADER, size - Frames.HEADER, ONE_EACH);
    byte[] body = text.replace(ours, new String(own, ONE_EACH)).getBytes(ONE_EACH);
    out.writeByte(said.getByte(at)).writeInt(body.length + 4).writeBytes(body);
  }

  /// The name of a prepared statement is taken: the server's own words, with the client's name.
  @SuppressWarnings("ArrayRecordComponent")
  record Taken(byte[] given) implements Instead {
    /// Prepared just to be taken, or to be asked about.
    static final String NAME = "freshet_taken";

    private static final Pattern WORDS =
        Pattern.compile(
            "PREPARE\\s+(?:\"(?<quoted>[^\"]+)\"|(?<plain>\\w+))", Pattern.CASE_INSENSITIVE);

    /// The name that a PREPARE in SQL wants; null where it is another statement, or several.
    static @Nullable String wanted(Statement read) {
      if (read.verb() != Verb.PREPARE || read.count() != 1) {
        return null;
      }
      String text = new String(SqlComment.without(read.text()), StandardCharsets.UTF_8);
      Matcher words = WORDS.matcher(text);
      if (!words.lookingAt()) {
        return null;
      }
      String plain = words.group("plain");
      return plain == null ? words.group("quoted") : plain.toLowerCase(Locale.ROOT);
    }

    @Override
    public String sqlState() {
      return "42P05";
    }

    @Override
    public void write(ByteBuf said, int at, int size, ByteBuf out) {
      Instead.write(said, at, size, NAME, given, out);
    }
  }

  /// The gateway does not pass it on.
  record Refused(ErrorReport why) implements Instead {
    /// No statement.
    static final String TEXT = "refused by the gateway";

    @Override
    public String sqlState() {
      return "42601";
    }

    @Override
    public void write(ByteBuf said, int at, int size, ByteBuf out) {
      why.write(out);
    }
  }
}
