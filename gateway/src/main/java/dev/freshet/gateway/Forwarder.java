package dev.freshet.gateway;

import dev.freshet.gateway.Expected.Kind;
import dev.freshet.pgwire.ErrorReport;
import dev.freshet.pgwire.Frames;
import dev.freshet.pgwire.FrontendMessages;
import dev.freshet.pgwire.ProtocolFault;
import dev.freshet.pgwire.Tag;
import dev.freshet.sql.Statement;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Passes one client's messages on to its server connection, with the names of statements changed,
/// and books what the server owes for each.
final class Forwarder {
  /// Larger messages are passed on while they arrive where nothing in them has to be read.
  static final int STREAM = 1 << 16;

  private static final byte[] NO_NAME = new byte[0];

  private final ClientSession client;
  private final Statements shared;
  private final ClientStatements statements;
  private final int maxPrepared;

  private @Nullable ByteBuf out;
  private int passLeft;
  private boolean unsynced;

  Forwarder(
      ClientSession client,
      Statements shared,
      ClientStatements statements,
      GatewayConfig.Limits limits) {
    this.client = client;
    this.shared = shared;
    this.statements = statements;
    this.maxPrepared = limits.maxPrepared();
  }

  /// A large Bind may begin its way when its names are there.
  static boolean mayStream(ByteBuf in, byte tag, int size) {
    return tag == Tag.BIND && size > STREAM && in.readableBytes() > 1_024;
  }

  /// True when something has begun that only Sync ends.
  boolean isUnsynced() {
    return unsynced;
  }

  /// True when nothing of a message is still to come, and nothing waits to be handed over.
  boolean isEmpty() {
    return out == null && passLeft == 0;
  }

  /// Octets of a message that are still to come.
  int passLeft() {
    return passLeft;
  }

  /// Passes on what has come of a message that is under way.
  void passOn(ByteBuf in) {
    int n = Math.min(passLeft, in.readableBytes());
    passLeft -= n;
    forward(in, in.readerIndex(), n);
  }

  /// What was handed over will not be answered; it is said again elsewhere.
  void forget() {
    drop();
    passLeft = 0;
    unsynced = false;
  }

  void drop() {
    if (out != null) {
      out.release();
      out = null;
    }
  }

  /// Whether a message names a statement of which nobody can tell what it is before more has been
  /// answered; enough of the message is there to tell.
  boolean mustWait(ByteBuf in, byte tag, int at, int size, ServerLink to) throws ProtocolFault {
    return switch (tag) {
      case Tag.COPY_DATA, Tag.COPY_DONE, Tag.COPY_FAIL -> false;
      default ->
          statements.areForgotten(to.answers())
              || (!unsynced && client.changes().isLosing(to.answers()))
              || isAnyOpen(in, tag, at, size, to);
    };
  }

  private boolean isAnyOpen(ByteBuf in, byte tag, int at, int size, ServerLink to)
      throws ProtocolFault {
    int from = at + Frames.HEADER;
    int end = at + Math.min(size, in.readableBytes());
    return switch (tag) {
      case Tag.QUERY -> to.answers().areRoundsOpen() && mustWait(deallocates(in, from, end), to);
      case Tag.EXECUTE -> mustWait(deallocates(Frames.string(in, from, end)), to);
      case Tag.PARSE -> in.getByte(from) != 0 && isOpen(Frames.string(in, from, end), to);
      case Tag.BIND -> {
        int name = Frames.endOfString(in, from, end) + 1;
        yield isOpen(statements.name(in, name, Frames.endOfString(in, name, end)), to);
      }
      case Tag.DESCRIBE, Tag.CLOSE ->
          size > Frames.HEADER + 1
              && in.getByte(from) == 'S'
              && isOpen(Frames.string(in, from + 1, end), to);
      default -> false;
    };
  }

  private boolean mustWait(@Nullable String deallocated, ServerLink to) {
    return deallocated != null && statements.isOpen(deallocated, to.answers());
  }

  /// What a query deallocates.
  private @Nullable String deallocates(ByteBuf in, int from, int to) throws ProtocolFault {
    int first = in.getByte(from) | 0x20;
    boolean isOther = first >= 'a' && first <= 'z' && first != 'd';
    int end = Frames.endOfString(in, from, to);
    return isOther
        ? null
        : Deallocation.name(shared.read(Frames.octets(in, from, end)).statement());
  }

  /// What a portal deallocates.
  private @Nullable String deallocates(String portal) {
    Reading reading = statements.ofPortal(portal);
    return reading == null ? null : Deallocation.name(reading.statement());
  }

  private boolean isOpen(String name, ServerLink to) {
    if (statements.isOpen(name, to.answers())) {
      return true;
    }
    SharedStatement known = to.answers().areRoundsOpen() ? statements.get(name) : null;
    Prepared.Asked asked = known == null ? null : to.prepared().asked(known);
    return asked != null && !asked.isSettled(to.answers());
  }

  void take(ByteBuf in, byte tag, int at, int size, ServerLink to) throws ProtocolFault {
    int whole = Math.min(size, in.readableBytes());
    switch (tag) {
      case Tag.QUERY -> query(in, at, size, to);
      case Tag.PARSE -> parse(in, at, size, to);
      case Tag.BIND -> bind(in, at, size, whole, to);
      case Tag.DESCRIBE -> {
        named(in, at, size, to, Kind.DESCRIBE);
        unsynced = true;
      }
      case Tag.CLOSE -> {
        named(in, at, size, to, Kind.CLOSE);
        unsynced = true;
      }
      case Tag.EXECUTE -> {
        String portal = Frames.string(in, at + Frames.HEADER, at + size);
        closeOtherPortal(portal.isEmpty(), to);
        execute(statements.ofPortal(portal), client.witness().executes(portal), to);
        unsynced = true;
        forward(in, at, size);
        if (statements.areForgotten(to.answers())) {
          // Nothing else is sent before that is answered, no Sync either.
          FrontendMessages.bare(room(8), Tag.FLUSH);
        }
      }
      case Tag.SYNC -> {
        unsynced = false;
        to.answers().expect(Kind.SYNC, null);
        forward(in, at, size);
      }
      case Tag.FLUSH -> {
        client.flush();
        forward(in, at, size);
      }
      case Tag.FUNCTION_CALL -> {
        client.witness().calls();
        client.recall().runs(null);
        client.detour().runs(null);
        to.answers().expect(Kind.CALL, null);
        stream(in, at, size, whole);
      }
      case Tag.COPY_DATA -> stream(in, at, size, whole);
      case Tag.COPY_DONE, Tag.COPY_FAIL -> {
        to.answers().copyEnds();
        forward(in, at, size);
      }
      default -> throw new ProtocolFault("a client does not say '" + (char) tag + "' here");
    }
  }

  /// What the client would run once more was never there: it is told so, and not shown another.
  private void closeOtherPortal(boolean isUnnamed, ServerLink to) {
    if (isUnnamed && statements.isPortalMemorys()) {
      to.answers().expect(Kind.CLOSE_OURS, null);
      FrontendMessages.closePortal(room(16));
    }
  }

  private void execute(@Nullable Reading reading, @Nullable Gleaning gleaning, ServerLink to) {
    client.recall().runs(reading == null ? null : reading.statement());
    client.detour().runs(reading == null ? null : reading.statement());
    if (reading == null) {
      if (gleaning != null) {
        gleaning.over();
      }
      to.answers().expect(Kind.EXECUTE, null);
      return;
    }
    Traits traits = reading.traits();
    Deallocation gone = deallocation(reading.statement(), to);
    Running running = client.work().begins(reading.statement(), gleaning, client.witness().trail());
    to.answers().expect(Kind.EXECUTE, traits.changes().isEmpty() ? gone : traits, running);
    client.changes().booked(traits);
    statements.runs(traits);
  }

  /// Null where the server knows by itself what to say.
  private @Nullable Deallocation deallocation(Statement read, ServerLink to) {
    String name = Deallocation.name(read);
    Called called = name == null ? null : statements.called(name);
    ServerAnswers answers = to.answers();
    boolean isInVain = answers.status() == 'E' && !answers.isBusy() && !unsynced;
    if (called == null || isInVain) {
      return null;
    }
    byte[] own = called.name().getBytes(StandardCharsets.UTF_8);
    answers.expect(Kind.CLOSE_OURS, null);
    FrontendMessages.closeStatement(room(64), own);
    answers.expect(Kind.PARSE_OURS, null);
    FrontendMessages.parse(room(own.length + 64), own, NO_NAME, NO_NAME);
    statements.closes(called.name(), answers);
    return new Deallocation(statements, called);
  }

  private void forward(ByteBuf in, int at, int size) {
    append(in, at, size);
    in.skipBytes(size);
  }

  private void stream(ByteBuf in, int at, int size, int there) {
    forward(in, at, there);
    passLeft = size - there;
  }

  private void query(ByteBuf in, int at, int size, ServerLink to) throws ProtocolFault {
    int from = at + Frames.HEADER;
    int end = Frames.endOfString(in, from, at + size);
    Statements.Heard heard = shared.read(Frames.octets(in, from, end));
    Statement read = heard.statement();
    Traits traits = Traits.of(read.text(), read);
    if (statements.answersDeallocate(read, client)) {
      in.skipBytes(size);
      return;
    }
    String wanted = client.isQuiet() ? Instead.Taken.wanted(read) : null;
    if (wanted != null && isTaken(wanted)) {
      client.replies().refuse(Tag.QUERY, Refusals.taken(wanted));
      in.skipBytes(size);
      return;
    }
    if (!client.allows(traits, to)) {
      in.skipBytes(size);
      return;
    }
    Gleaning gleaning = client.witness().runs(heard.sql(), read, traits);
    client.work().said(heard);
    client.recall().runs(read);
    client.detour().runs(read);
    Deallocation gone = deallocation(read, to);
    Running running = client.work().begins(read, gleaning, client.witness().trail());
    statements.queries(to.answers());
    if (unsynced) {
      to.doubts();
    }
    to.answers().expect(Kind.QUERY, traits.changes().isEmpty() ? gone : traits, running);
    statements.runs(traits);
    forward(in, at, size);
  }

  private void parse(ByteBuf in, int at, int size, ServerLink to) throws ProtocolFault {
    int from = at + Frames.HEADER;
    int nameEnd = Frames.endOfString(in, from, at + size);
    int sqlEnd = Frames.endOfString(in, nameEnd + 1, at + size);
    int typesFrom = sqlEnd + 3;
    if (typesFrom > at + size) {
      throw new ProtocolFault("a Parse message ends before its types");
    }
    byte[] types = typesFrom == at + size ? NO_NAME : Frames.octets(in, typesFrom, at + size);
    byte[] sql = Frames.octets(in, nameEnd + 1, sqlEnd);
    if (isTaken(Frames.string(in, from, at + size))) {
      taken(Frames.octets(in, from, nameEnd), sql, types, to);
      in.skipBytes(size);
      return;
    }
    SharedStatement known = shared.of(sql, types, client.changes().scope(), client.work());
    if (!client.allows(known.traits(), to)) {
      in.skipBytes(size);
      return;
    }
    client.witness().prepares(Frames.string(in, from, at + size), sql, known);
    unsynced = true;
    boolean isUnnamed = nameEnd == from;
    ByteBuf to2 = room(size + 64);
    if (isUnnamed && !known.recurs()) {
      Unshared mark = new Unshared(known.sql(), types, known.reading());
      statements.prepares(mark, to.answers());
      to.prepared().unnamed(mark);
      to.answers().expect(Kind.PARSE, new Skipped.Unnaming(statements, mark));
      FrontendMessages.parse(to2, NO_NAME, mark.sql(), types);
    } else {
      Called called = new Called(isUnnamed ? "" : Frames.string(in, from, at + size), known);
      statements.prepares(called, to.answers());
      prepare(called, to, to2);
    }
    in.skipBytes(size);
  }

  /// Where a transaction may have failed the server itself says whether it prepares anything now.
  private void prepare(Called called, ServerLink to, ByteBuf to2) {
    SharedStatement known = called.statement();
    ServerAnswers answers = to.answers();
    boolean mayHaveFailed = answers.mayHaveFailed();
    Prepared.Asked asked = to.prepare(known, to2, maxPrepared);
    boolean isDoubtful = asked == null && mayHaveFailed && !answers.isSkipping();
    if (isDoubtful && !to.prepared().isCertain(known)) {
      asked = to.prepareAgain(known, to2);
    }
    if (asked != null) {
      answers.expect(Kind.PARSE, new Skipped.Preparing(statements, called, asked));
      FrontendMessages.parse(to2, known.name(), known.sql(), known.types());
    } else if (mayHaveFailed) {
      // Under a name of its own, so that what is prepared stays there whatever is said to this.
      byte[] trial = Instead.Taken.NAME.getBytes(StandardCharsets.US_ASCII);
      answers.expect(Kind.CLOSE_OURS, null);
      FrontendMessages.closeStatement(to2, trial);
      answers.expect(Kind.PARSE, new Skipped.Naming(statements, called));
      FrontendMessages.parse(to2, trial, known.sql(), known.types());
    } else {
      answers.expect(Kind.FAKE_PARSE, new Skipped.Naming(statements, called));
    }
  }

  private boolean isTaken(String name) {
    return !name.isEmpty() && statements.get(name) != null;
  }

  /// The server says so itself, once it has read the statement and found nothing else wrong.
  private void taken(byte[] name, byte[] sql, byte[] types, ServerLink to) {
    byte[] known = Instead.Taken.NAME.getBytes(StandardCharsets.US_ASCII);
    unsynced = true;
    to.answers().expect(Kind.CLOSE_OURS, null);
    FrontendMessages.closeStatement(room(64), known);
    to.answers().expect(Kind.PARSE_OURS, null);
    FrontendMessages.parse(room(64), known, NO_NAME, NO_NAME);
    to.answers().expect(Kind.PARSE, new Instead.Taken(name));
    FrontendMessages.parse(room(sql.length + types.length + 64), known, sql, types);
  }

  /// A message that the server is not to see, in the middle of others.
  void refuse(byte tag, ErrorReport why, ServerLink to) {
    Instead told = new Instead.Refused(why);
    if (tag == Tag.QUERY) {
      to.answers().expect(Kind.QUERY, told);
      FrontendMessages.query(room(64), Instead.Refused.TEXT);
    } else {
      unsynced = true;
      to.answers().expect(Kind.PARSE, told);
      byte[] text = Instead.Refused.TEXT.getBytes(StandardCharsets.US_ASCII);
      FrontendMessages.parse(room(64), NO_NAME, text, NO_NAME);
    }
  }

  private void bind(ByteBuf in, int at, int size, int there, ServerLink to) throws ProtocolFault {
    int from = at + Frames.HEADER;
    int portalEnd = Frames.endOfString(in, from, at + there);
    int nameEnd = Frames.endOfString(in, portalEnd + 1, at + there);
    String given = statements.name(in, portalEnd + 1, nameEnd);
    Called actual = present(given, to);
    String portal = portalEnd == from ? "" : Frames.string(in, from, at + there);
    Reading reading = statements.bound(portal, given);
    client
        .witness()
        .binds(
            portal,
            given,
            reading,
            statements.types(given),
            () -> there == size ? Frames.octets(in, nameEnd + 1, at + size) : null);
    unsynced = true;
    to.answers().expect(Kind.BIND, actual == null ? reading : actual);
    if (actual == null) {
      stream(in, at, size, there);
      return;
    }
    byte[] ours = actual.statement().name();
    ByteBuf to2 = room(there + ours.length);
    int wasLength = nameEnd - portalEnd - 1;
    to2.writeByte(Tag.BIND);
    to2.writeInt(size - 1 - wasLength + ours.length);
    to2.writeBytes(in, from, portalEnd + 1 - from);
    to2.writeBytes(ours);
    to2.writeBytes(in, nameEnd, at + there - nameEnd);
    in.skipBytes(there);
    passLeft = size - there;
  }

  /// Makes a statement of the client's known to the server connection.
  ///
  /// @return what it is there, or null when the client's own name is to be used
  private @Nullable Called present(String given, ServerLink to) {
    Preparation named = statements.of(given);
    if (named instanceof Called called) {
      return present(called, to);
    }
    if (named instanceof Unshared mark) {
      if (!mark.equals(to.prepared().unnamed())) {
        to.prepared().unnamed(mark);
        statements.presents(to.answers());
        to.answers().expect(Kind.PARSE_OURS, mark);
        FrontendMessages.parse(room(mark.sql().length + 64), NO_NAME, mark.sql(), mark.types());
      }
    } else if (given.isEmpty()) {
      // Another client's may be there: what this one never prepared does not exist.
      to.prepared().unnamed(null);
      to.answers().expect(Kind.CLOSE_OURS, null);
      FrontendMessages.closeStatement(room(64), NO_NAME);
    }
    return null;
  }

  private Called present(Called called, ServerLink to) {
    Object scope = client.changes().scope();
    Called now = called;
    if (!called.statement().scope().equals(scope)) {
      SharedStatement old = called.statement();
      now = new Called(called.name(), shared.of(old.sql(), old.types(), scope, client.work()));
      statements.isNow(now);
    }
    SharedStatement known = now.statement();
    ByteBuf to2 = room(64);
    Prepared.Asked asked = to.prepare(known, to2, maxPrepared);
    if (asked != null) {
      to.answers().expect(Kind.PARSE_OURS, new Skipped.Presenting(known, asked));
      FrontendMessages.parse(
          room(known.sql().length + 64), known.name(), known.sql(), known.types());
    }
    return now;
  }

  /// Describe and Close, of a statement or a portal.
  private void named(ByteBuf in, int at, int size, ServerLink to, Kind kind) throws ProtocolFault {
    int from = at + Frames.HEADER;
    if (size < Frames.HEADER + 2) {
      throw new ProtocolFault("a message '" + (char) in.getByte(at) + "' names nothing");
    }
    boolean isStatement = in.getByte(from) == 'S';
    String given = Frames.string(in, from + 1, at + size);
    if (!isStatement) {
      if (kind == Kind.CLOSE) {
        statements.closedPortal(given);
      } else {
        closeOtherPortal(given.isEmpty(), to);
      }
      to.answers().expect(kind, null);
      forward(in, at, size);
      return;
    }
    if (kind == Kind.CLOSE) {
      Called called = statements.called(given);
      statements.closes(given, to.answers());
      Skipped closing = new Skipped.Closing(statements, given, called);
      to.answers().expect(called == null ? Kind.CLOSE : Kind.FAKE_CLOSE, closing);
      if (called == null) {
        forward(in, at, size);
      } else {
        in.skipBytes(size);
      }
      return;
    }
    Called actual = present(given, to);
    to.answers().expect(kind, actual);
    if (actual == null) {
      forward(in, at, size);
    } else {
      byte[] ours = actual.statement().name();
      FrontendMessages.describeStatement(room(ours.length + 16), ours);
      in.skipBytes(size);
    }
  }

  private ByteBuf room(int size) {
    ByteBuf buffer = out;
    if (buffer == null) {
      buffer = client.alloc(Math.max(512, size));
      out = buffer;
    }
    return buffer;
  }

  private void append(ByteBuf in, int at, int size) {
    ServerLink to = client.link();
    if (to != null && size >= STREAM) {
      hand();
      to.send(in.retainedSlice(at, size));
      to.flush();
      return;
    }
    room(size).writeBytes(in, at, size);
  }

  /// Hands over what has been gathered.
  void hand() {
    ByteBuf buffer = out;
    out = null;
    if (buffer == null) {
      return;
    }
    ServerLink to = client.link();
    if (to == null) {
      buffer.release();
      return;
    }
    to.send(buffer);
    to.flush();
  }
}
