package dev.freshet.gateway;

import dev.freshet.sql.Arguments;
import dev.freshet.sql.Statement;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What is asked, with all that bears on the octets of the answer.
///
/// @param keeping null when its answers are not to be kept
/// @param types of the parameters as declared, four octets each
/// @param values the Bind message behind its names; empty for a simple query
/// @param key its answer's
@SuppressWarnings("ArrayRecordComponent")
record Question(
    Statement statement, @Nullable Keeping keeping, byte[] types, byte[] values, String key) {
  private static final byte[] NOTHING = {};

  /// A simple query whose answers are not to be kept.
  static Question unkept(Statement statement) {
    return new Question(statement, null, NOTHING, NOTHING, "");
  }

  /// @param session what of the session bears on answers
  static Question simple(Statement statement, Keeping keeping, String session) {
    String text = new String(statement.text(), StandardCharsets.ISO_8859_1);
    return new Question(statement, keeping, NOTHING, NOTHING, session + form('Q', keeping) + text);
  }

  static Question bound(SharedStatement known, Keeping keeping, byte[] values, String session) {
    byte[] types = known.types();
    byte[] sql = known.sql();
    byte[] out = Arrays.copyOf(sql, sql.length + types.length + values.length);
    System.arraycopy(types, 0, out, sql.length, types.length);
    System.arraycopy(values, 0, out, sql.length + types.length, values.length);
    // With both lengths nothing can stand for something else.
    String text = new String(out, StandardCharsets.ISO_8859_1);
    String key = session + form('E', keeping) + sql.length + "," + types.length + "," + text;
    return new Question(known.statement(), keeping, types, values, key);
  }

  /// What lives by its rows is never taken for what lives by time.
  private static char form(char protocol, Keeping keeping) {
    return keeping.life().byRows() ? Character.toLowerCase(protocol) : protocol;
  }

  /// The values of this execution; null when the server will have something to say about them.
  @Nullable Arguments arguments() {
    if (values.length == 0) {
      return Arguments.of(statement);
    }
    int[] oids = new int[types.length / 4];
    ByteBuffer.wrap(types).asIntBuffer().get(oids);
    try {
      return Arguments.of(statement, oids, values, 0);
    } catch (IndexOutOfBoundsException e) {
      return null;
    }
  }
}
