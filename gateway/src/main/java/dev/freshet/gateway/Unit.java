package dev.freshet.gateway;

import dev.freshet.pgwire.Frames;
import dev.freshet.pgwire.ProtocolFault;
import dev.freshet.pgwire.Tag;
import dev.freshet.sql.Arguments;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// Messages of a client that ask for one result and nothing else: a simple query, or one statement
/// prepared or not, bound, executed to its end and synced; before them perhaps what closes
/// statements that were used before.
///
/// @param heard the text as it came; null when there is none
/// @param prepares the statement that they prepare on the way, under [#name]; null when they don't
/// @param name of the prepared statement that they run; empty for a simple query
/// @param described what is to be described besides
/// @param octets of the messages
/// @param isAgain false where it comes for the first time, as far as is known
record Unit(
    Question question,
    Keeping keeping,
    boolean isAgain,
    Statements.@Nullable Heard heard,
    @Nullable SharedStatement prepares,
    String name,
    char described,
    int octets) {
  static final char PORTAL = 'P';
  static final char STATEMENT = 'S';
  static final char NOTHING = 'N';

  /// A simple query: its columns are always described.
  static final char QUERY = 'Q';

  /// Longer parameters are not worth a key.
  private static final int MAX_BIND = 8_192;

  /// Longer texts neither.
  private static final int MAX_TEXT = 65_536;

  /// Reads them from a buffer.
  static final class Reader {
    private final ClientStatements statements;
    private final Statements shared;
    private final Results results;
    private final Familiar familiar;

    /// What of the session bears on answers, and its number.
    private String session = "";

    private long number;

    Reader(ClientStatements statements, Statements shared, Results results) {
      this.statements = statements;
      this.shared = shared;
      this.results = results;
      this.familiar = results.familiar();
    }

    void session(String bearing) {
      session = bearing;
      number = familiar.session(bearing);
    }

    /// Null when it is anything else, not all there, not to be kept, or comes for the first time
    /// and can be told from what came before without being read.
    ///
    /// @param scope what gives texts their meaning in this session
    @Nullable Unit read(ByteBuf in, Object scope) throws ProtocolFault {
      int begin = in.readerIndex();
      int at = closed(in, begin);
      int size = whole(in, at);
      if (size == 0) {
        return null;
      }
      return switch (in.getByte(at)) {
        case Tag.QUERY -> at == begin ? query(in, at, size) : null;
        case Tag.PARSE -> parsed(in, begin, at, size, scope);
        case Tag.BIND -> bound(in, begin, at, null, null, "", NOTHING);
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

    /// Drivers tell what they no longer need together with their next statement.
    ///
    /// @return where the next message begins
    static int closed(ByteBuf in, int from) throws ProtocolFault {
      int at = from;
      int size = whole(in, at);
      while (size > Frames.HEADER + 1 && in.getByte(at) == Tag.CLOSE) {
        at += size;
        size = whole(in, at);
      }
      return at;
    }

    private @Nullable Unit query(ByteBuf in, int at, int size) throws ProtocolFault {
      int from = at + Frames.HEADER;
      int to = Frames.endOfString(in, from, at + size);
      if (to - from > MAX_TEXT || !mayRead(in, from, to)) {
        return null;
      }
      if (isCommented(in, from, to)) {
        return commented(Frames.octets(in, from, to), size);
      }
      long hash = Familiar.hash(number, null, in, from, to);
      Question known = familiar.find(hash, number, null, in, from, to);
      if (known == null) {
        known = familiar.cameBefore(hash) ? newQuery(in, from, to, hash) : null;
      }
      Keeping keeping = known == null ? null : results.possible(known.keeping());
      return known == null || keeping == null
          ? null
          : new Unit(known, keeping, true, null, null, "", QUERY, size);
    }

    private @Nullable Question newQuery(ByteBuf in, int from, int to, long hash) {
      byte[] sql = Frames.octets(in, from, to);
      Statements.Heard heard = shared.read(sql);
      Results.Verdict verdict = results.verdict(heard.statement(), heard.wish());
      if (verdict == null) {
        return null;
      }
      Keeping keeping = verdict.keeping();
      Question made =
          keeping == null
              ? Question.unkept(heard.statement())
              : Question.simple(heard.statement(), keeping, session);
      familiar.put(hash, number, null, sql, made);
      return made;
    }

    /// Comments tell one request from another: they are no part of the question.
    private @Nullable Unit commented(byte[] sql, int size) {
      Statements.Heard heard = shared.read(sql);
      Results.Verdict verdict = results.verdict(heard.statement(), heard.wish());
      Keeping keeping = verdict == null ? null : results.possible(verdict.keeping());
      if (keeping == null) {
        return null;
      }
      Question asked = Question.simple(heard.statement(), keeping, session);
      boolean isAgain = familiar.cameBefore(asked.key().hashCode() * 0x9e3779b97f4a7c15L);
      return new Unit(asked, keeping, isAgain, heard, null, "", QUERY, size);
    }

    /// A quick look whether it begins like something that reads.
    private static boolean mayRead(ByteBuf in, int from, int to) {
      if (from == to) {
        return false;
      }
      byte first = in.getByte(from);
      return switch (first) {
        case 's', 'S', 'w', 'W', 'v', 'V', 't', 'T', '(', '/', '-' -> true;
        default -> first <= ' ';
      };
    }

    private static boolean isCommented(ByteBuf in, int from, int to) {
      int last = to - 1;
      while (last > from && (in.getByte(last) <= ' ' || in.getByte(last) == ';')) {
        last--;
      }
      byte first = in.getByte(from);
      return in.getByte(last) == '/' || first == '/' || first == '-' || first <= ' ';
    }

    private @Nullable Unit parsed(ByteBuf in, int begin, int at, int size, Object scope)
        throws ProtocolFault {
      int from = at + Frames.HEADER;
      int nameEnd = Frames.endOfString(in, from, at + size);
      int sqlEnd = Frames.endOfString(in, nameEnd + 1, at + size);
      if (!mayRead(in, nameEnd + 1, sqlEnd) || sqlEnd + 3 > at + size) {
        return null;
      }
      String name = nameEnd == from ? "" : Frames.string(in, from, at + size);
      if (!name.isEmpty() && statements.get(name) != null) {
        return null;
      }
      byte[] types = Frames.octets(in, sqlEnd + 3, at + size);
      Statements.Known known = shared.known(Frames.octets(in, nameEnd + 1, sqlEnd), types, scope);
      if (known == null || results.keeping(known.statement()) == null) {
        return null;
      }
      int next = at + size;
      int more = whole(in, next);
      boolean isDescribed =
          more > 0 && in.getByte(next) == Tag.DESCRIBE && in.getByte(next + Frames.HEADER) == 'S';
      SharedStatement statement = known.statement();
      if (!isDescribed) {
        return bound(in, begin, next, statement, known.heard(), name, NOTHING);
      }
      return Frames.string(in, next + Frames.HEADER + 1, next + more).equals(name)
          ? bound(in, begin, next + more, statement, known.heard(), name, STATEMENT)
          : null;
    }

    /// @param begin where the unit begins
    /// @param at where Bind should
    /// @param prepared on the way, under that name
    private @Nullable Unit bound(
        ByteBuf in,
        int begin,
        int at,
        @Nullable SharedStatement prepared,
        Statements.@Nullable Heard heard,
        String name,
        char before)
        throws ProtocolFault {
      int size = whole(in, at);
      if (size == 0 || in.getByte(at) != Tag.BIND || in.getByte(at + Frames.HEADER) != 0) {
        return null;
      }
      int nameFrom = at + Frames.HEADER + 1;
      int nameEnd = Frames.endOfString(in, nameFrom, at + size);
      String given = statements.name(in, nameFrom, nameEnd);
      boolean isPrepared = prepared != null;
      SharedStatement known = isPrepared ? prepared : statements.get(given);
      boolean isOther = isPrepared ? !given.equals(name) : isClosed(in, begin, at, given);
      Keeping keeping = known == null || isOther ? null : results.keeping(known);
      if (known == null || keeping == null || at + size - nameEnd - 1 > MAX_BIND) {
        return null;
      }
      int next = at + size;
      char described = before;
      if (isPortal(in, next)) {
        if (before == STATEMENT) {
          return null;
        }
        described = PORTAL;
        next += whole(in, next);
      }
      int end = executed(in, next);
      Question asked = end == 0 ? null : question(in, nameEnd + 1, at + size, known, keeping);
      return asked == null
          ? null
          : new Unit(asked, keeping, true, heard, prepared, given, described, end - begin);
    }

    /// Null when it comes for the first time, or names a moment.
    private @Nullable Question question(
        ByteBuf in, int from, int to, SharedStatement of, Keeping keeping) {
      long hash = Familiar.hash(number, of, in, from, to);
      Question known = familiar.find(hash, number, of, in, from, to);
      if (known != null || !familiar.cameBefore(hash)) {
        return known;
      }
      byte[] values = Frames.octets(in, from, to);
      Question made = Question.bound(of, keeping, values, session);
      Arguments arguments = made.arguments();
      if (arguments == null || arguments.nameClock()) {
        return null;
      }
      familiar.put(hash, number, of, values, made);
      return made;
    }

    private static boolean isClosed(ByteBuf in, int from, int to, String name)
        throws ProtocolFault {
      for (int at = from; at < to; at += whole(in, at)) {
        boolean isIt =
            in.getByte(at + Frames.HEADER) == 'S'
                && Frames.string(in, at + Frames.HEADER + 1, at + whole(in, at)).equals(name);
        if (isIt) {
          return true;
        }
      }
      return false;
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

    private static boolean isPortal(ByteBuf in, int at) throws ProtocolFault {
      return whole(in, at) == Frames.HEADER + 2
          && in.getByte(at) == Tag.DESCRIBE
          && in.getByte(at + Frames.HEADER) == 'P'
          && in.getByte(at + Frames.HEADER + 1) == 0;
    }
  }
}
