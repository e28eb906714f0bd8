package dev.freshet.gateway;

import dev.freshet.pgwire.Frames;
import dev.freshet.pgwire.ProtocolFault;
import dev.freshet.pgwire.Tag;
import dev.freshet.sql.Clock;
import dev.freshet.sql.Statement;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Messages of a client that ask for one result and nothing else: a simple query, or one statement
/// prepared or not, bound, executed to its end and synced.
///
/// @param heard the text as it came; null when there is none
/// @param prepares the statement that they prepare on the way, under [#name]; null when they don't
/// @param described what is to be described besides
/// @param octets of the messages
/// @param question what is asked, with all that bears on the octets of the answer but the session
record Unit(
    Statement statement,
    Statements.@Nullable Heard heard,
    Keeping keeping,
    @Nullable SharedStatement prepares,
    String name,
    char described,
    int octets,
    String question) {
  static final char PORTAL = 'P';
  static final char STATEMENT = 'S';
  static final char NOTHING = 'N';

  /// A simple query: its columns are always described.
  static final char QUERY = 'Q';

  /// Longer parameters are not worth a key.
  private static final int MAX_BIND = 8_192;

  /// Reads them from a buffer.
  static final class Reader {
    private final ClientStatements statements;
    private final Statements shared;
    private final Results results;

    Reader(ClientStatements statements, Statements shared, Results results) {
      this.statements = statements;
      this.shared = shared;
      this.results = results;
    }

    /// Null when it is anything else, not all there, or not to be kept.
    ///
    /// @param scope what gives texts their meaning in this session
    @Nullable Unit read(ByteBuf in, Object scope) throws ProtocolFault {
      int at = in.readerIndex();
      int size = whole(in, at);
      if (size == 0) {
        return null;
      }
      return switch (in.getByte(at)) {
        case Tag.QUERY -> query(in, at, size);
        case Tag.PARSE -> parsed(in, at, size, scope);
        case Tag.BIND -> bound(in, at, at, null, "", NOTHING);
        default -> null;
      };
    }

    /// Octets of the message there, 0 unless all of it is.
    private static int whole(ByteBuf in, int at) throws ProtocolFault {
      if (in.writerIndex() - at < Frames.HEADER) {
        return 0;
      }
      int size = Frames.size(in, at);
      return in.writerIndex() - at < size ? 0 : size;
    }

    private @Nullable Unit query(ByteBuf in, int at, int size) throws ProtocolFault {
      int from = at + Frames.HEADER;
      byte[] sql = Frames.octets(in, from, Frames.endOfString(in, from, at + size));
      Statements.Heard heard = shared.read(sql);
      Keeping keeping = results.keeping(heard.statement(), heard.ttl());
      if (keeping == null) {
        return null;
      }
      String text = new String(heard.statement().text(), StandardCharsets.ISO_8859_1);
      return new Unit(heard.statement(), heard, keeping, null, "", QUERY, size, "Q" + text);
    }

    private @Nullable Unit parsed(ByteBuf in, int at, int size, Object scope) throws ProtocolFault {
      int from = at + Frames.HEADER;
      int nameEnd = Frames.endOfString(in, from, at + size);
      int sqlEnd = Frames.endOfString(in, nameEnd + 1, at + size);
      String name = Frames.string(in, from, at + size);
      boolean isTaken = !name.isEmpty() && statements.get(name) != null;
      if (sqlEnd + 3 > at + size || isTaken) {
        return null;
      }
      byte[] types = Frames.octets(in, sqlEnd + 3, at + size);
      Statements.Known known = shared.known(Frames.octets(in, nameEnd + 1, sqlEnd), types, scope);
      if (known == null || keeping(known.statement()) == null) {
        return null;
      }
      int next = at + size;
      int more = whole(in, next);
      boolean isDescribed =
          more > 0 && in.getByte(next) == Tag.DESCRIBE && in.getByte(next + Frames.HEADER) == 'S';
      if (!isDescribed) {
        return bound(in, at, next, known, name, NOTHING);
      }
      return Frames.string(in, next + Frames.HEADER + 1, next + more).equals(name)
          ? bound(in, at, next + more, known, name, STATEMENT)
          : null;
    }

    /// @param begin where the unit begins
    /// @param at where Bind should
    private @Nullable Unit bound(
        ByteBuf in, int begin, int at, Statements.@Nullable Known parsed, String name, char before)
        throws ProtocolFault {
      int size = whole(in, at);
      if (size == 0 || in.getByte(at) != Tag.BIND || in.getByte(at + Frames.HEADER) != 0) {
        return null;
      }
      int nameFrom = at + Frames.HEADER + 1;
      int nameEnd = Frames.endOfString(in, nameFrom, at + size);
      String given = Frames.string(in, nameFrom, at + size);
      SharedStatement known = parsed == null ? statements.get(given) : parsed.statement();
      if (known == null || (parsed != null && !given.equals(name))) {
        return null;
      }
      Keeping keeping = keeping(known);
      int length = at + size - nameEnd - 1;
      if (keeping == null || length > MAX_BIND) {
        return null;
      }
      byte[] values = Frames.octets(in, nameEnd + 1, at + size);
      int next = at + size;
      char described = before;
      if (isPortal(in, next, Tag.DESCRIBE)) {
        if (before == STATEMENT) {
          return null;
        }
        described = PORTAL;
        next += whole(in, next);
      }
      int end = executed(in, next);
      if (end == 0 || Clock.isNamedIn(values, 0, values.length)) {
        return null;
      }
      return new Unit(
          known.statement(),
          parsed == null ? null : parsed.heard(),
          keeping,
          parsed == null ? null : known,
          name,
          described,
          end - begin,
          question(known, values));
    }

    private @Nullable Keeping keeping(SharedStatement known) {
      return results.keeping(known.statement(), known.ttl());
    }

    /// Where the unit ends; 0 unless the unnamed portal is executed there to its end, and synced.
    private static int executed(ByteBuf in, int at) throws ProtocolFault {
      int size = whole(in, at);
      boolean isExecute =
          size == Frames.HEADER + 5
              && in.getByte(at) == Tag.EXECUTE
              && in.getByte(at + Frames.HEADER) == 0
              && in.getInt(at + Frames.HEADER + 1) == 0;
      int next = at + size;
      return isExecute && whole(in, next) == Frames.HEADER && in.getByte(next) == Tag.SYNC
          ? next + Frames.HEADER
          : 0;
    }

    private static boolean isPortal(ByteBuf in, int at, byte tag) throws ProtocolFault {
      return whole(in, at) == Frames.HEADER + 2
          && in.getByte(at) == tag
          && in.getByte(at + Frames.HEADER) == 'P'
          && in.getByte(at + Frames.HEADER + 1) == 0;
    }

    private static String question(SharedStatement known, byte[] values) {
      byte[] types = known.types();
      byte[] sql = known.sql();
      byte[] out = Arrays.copyOf(sql, sql.length + types.length + values.length);
      System.arraycopy(types, 0, out, sql.length, types.length);
      System.arraycopy(values, 0, out, sql.length + types.length, values.length);
      // With both lengths nothing can stand for something else.
      String text = new String(out, StandardCharsets.ISO_8859_1);
      return "E" + sql.length + "," + types.length + "," + text;
    }
  }
}
