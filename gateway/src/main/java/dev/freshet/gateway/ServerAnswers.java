package dev.freshet.gateway;

import dev.freshet.gateway.Expected.Kind;
import dev.freshet.pgwire.BackendMessages;
import dev.freshet.pgwire.ErrorReport;
import dev.freshet.pgwire.Frames;
import dev.freshet.pgwire.ProtocolFault;
import dev.freshet.pgwire.Tag;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/* What arrives is passed on as it came, in as large slices as possible; only the frames
 * between results are looked at, to know how far the server is. The queue of what is
 * expected says whose answer each one is: the client's, ours (swallowed), or one that we
 * say ourselves in its turn. When anything arrives that does not fit the queue, nobody
 * knows any more whose answer it is: the connection is closed, and the client told.
 */

/// What one server connection owes, and what it says: reads the answers as they come, and hands on
/// what is the client's.
final class ServerAnswers {
  private static final int KEEP_FRAME = 1 << 24;

  /// What a server says to writes when it has become a standby, or is to become one.
  private static final String READ_ONLY = "25006";

  /// What a server says to a Bind when what was prepared would have other columns now.
  private static final String OTHER_COLUMNS = "0A000";

  private final ServerLink link;
  private final Pool pool;
  private final Expected expected = new Expected();
  private final Progress progress;

  private @Nullable ByteBuf partial;
  private byte status = 'I';
  private int left;
  private boolean leftIsOurs;
  private boolean copyIn;
  private boolean skipping;
  private boolean toldFatal;
  private boolean isReadyDue;

  /// What the client waits for in the middle of a round has come, or no Sync is on its way that
  /// would bring it.
  private boolean mayGoOn;

  private @Nullable ErrorReport end;
  private @Nullable ErrorReport ourFailure;
  private @Nullable ByteBuf instead;

  ServerAnswers(ServerLink link, Pool pool) {
    this.link = link;
    this.pool = pool;
    this.progress = pool.progress();
  }

  // ---- how far it is ----

  byte status() {
    return status;
  }

  boolean isBusy() {
    return !expected.isEmpty();
  }

  /// Whether what is sent next may meet a transaction that has failed, or would have: behind a
  /// ReadyForQuery that is to come, the status of the last one says nothing.
  boolean mayHaveFailed() {
    return status == 'E' || expected.isReadyToCome();
  }

  /// True when nothing is owed and no transaction is open.
  boolean isAtRest() {
    return expected.isEmpty() && left == 0 && !copyIn && !skipping && status == 'I';
  }

  /// True when that is certain: nothing of a message is there, and nothing told the end.
  boolean isIdle() {
    return isAtRest() && partial == null && end == null;
  }

  /// True when nothing is owed in a transaction that is open, and that is certain.
  boolean isQuietInTransaction() {
    boolean isQuiet = expected.isEmpty() && left == 0 && !copyIn && !skipping;
    return isQuiet && status == 'T' && partial == null && end == null;
  }

  /// After an error the server heeds nothing before Sync.
  boolean isSkipping() {
    return skipping;
  }

  /// Whether the client has been told why the server ended the connection.
  boolean isToldFatal() {
    return toldFatal;
  }

  /// The number of the round that what is sent next belongs to.
  long round() {
    return expected.round();
  }

  /// How many rounds have been answered to their end.
  long rounds() {
    return expected.answered();
  }

  /// Whether any is to be answered yet.
  boolean areRoundsOpen() {
    return expected.isReadyToCome();
  }

  /// Whether a round is over, and not answered to its end.
  boolean isOpen(long round) {
    return round < expected.round() && round >= expected.answered();
  }

  // ---- what is sent ----

  void expect(Kind kind, @Nullable Object about) {
    expect(kind, about, null);
  }

  void expect(Kind kind, @Nullable Object about, @Nullable Running running) {
    if (skipping && kind != Kind.SYNC) {
      if (about instanceof Skipped skipped) {
        skipped.takeBack(link);
      }
      if (running != null) {
        running.over();
      }
      return;
    }
    boolean isFake = kind == Kind.FAKE_PARSE || kind == Kind.FAKE_CLOSE;
    ClientSession client = link.holder();
    if (isFake && expected.isEmpty() && client != null) {
      isDone(about);
      client.fromServer(said(kind));
      return;
    }
    if (kind == Kind.SYNC) {
      if (copyIn) {
        // A server in COPY ignores Sync.
        return;
      }
      skipping = false;
    }
    expected.add(kind, about, running);
  }

  /// The client says that its COPY is over.
  void copyEnds() {
    if (copyIn) {
      copyIn = false;
    } else if (!expected.isEmpty()) {
      expected.add(Kind.COPY_END, null, null);
    }
  }

  /// A query of our own.
  ///
  /// @param settings that it makes, or null
  void expectOurs(@Nullable SessionSettings settings) {
    expected.add(Kind.QUERY_OURS, settings, null);
    ourFailure = null;
  }

  // ---- what the server says ----

  /// Reads on; the message is taken over.
  void read(ByteBuf message) {
    ByteBuf in = Pieces.joined(partial, message, link.channel().alloc());
    partial = null;
    try {
      scan(in);
    } catch (ProtocolFault e) {
      pool.figures().fault(e);
      end = ErrorReport.fatal("08P01", "the server connection broke: " + e.getMessage(), null);
    } finally {
      in.release();
    }
    // Whose answer is whole has no part in what came behind it, and nobody else shall have.
    if (isReadyDue) {
      isReadyDue = false;
      ready();
    }
    ClientSession client = link.holder();
    if (mayGoOn && client != null) {
      client.resume();
    }
    mayGoOn = false;
    ErrorReport why = end;
    if (why != null) {
      link.lost(why);
    }
  }

  /// Nothing more will come.
  void drop() {
    if (partial != null) {
      partial.release();
      partial = null;
    }
    expected.clear();
  }

  private void scan(ByteBuf in) throws ProtocolFault {
    int at = in.readerIndex();
    int from = at;
    int end = in.writerIndex();
    progress.reads(at);
    while (at < end) {
      if (left > 0) {
        int n = Math.min(left, end - at);
        left -= n;
        at += n;
        from = leftIsOurs ? at : from;
        continue;
      }
      if (end - at < Frames.HEADER) {
        break;
      }
      byte tag = in.getByte(at);
      int size = Frames.size(in, at);
      if (tag == Tag.DATA_ROW || tag == Tag.COPY_DATA || tag == Tag.FUNCTION_RESULT) {
        need(expected.accepts(tag), tag);
        if (tag == Tag.DATA_ROW && !isShown(in, at, size)) {
          break;
        }
        progress.row();
        left = size;
        leftIsOurs = isOurs();
        continue;
      }
      if (end - at < size) {
        if (size > KEEP_FRAME) {
          throw new ProtocolFault("a message '" + (char) tag + "' of " + size + " octets");
        }
        break;
      }
      boolean isForClient = take(in, tag, at, size);
      at += size;
      if (!isForClient) {
        pass(in, from, at - size);
        from = at;
        sayInstead();
      }
      if (expected.isFakeNext()) {
        pass(in, from, at);
        from = at;
        sayFakes();
      }
      if (tag == Tag.READY_FOR_QUERY) {
        pass(in, from, at);
        from = at;
        isReadyDue = expected.isEmpty();
        if (!isReadyDue) {
          ready();
        }
        if (link.isClosed()) {
          return;
        }
      }
    }
    pass(in, from, at);
    progress.hasRead(at);
    if (at < end) {
      int rest = end - at;
      ByteBuf kept = link.alloc(Math.max(8_192, rest * 2));
      kept.writeBytes(in, at, rest);
      partial = kept;
    }
  }

  /// Shows a row to whom it concerns; false when more of it has to come first.
  private boolean isShown(ByteBuf in, int at, int size) {
    Gleaning gleaning = expected.headGleaning();
    if (gleaning == null || !gleaning.wants(size)) {
      return true;
    }
    if (in.writerIndex() - at < size) {
      return false;
    }
    gleaning.row(in, at + Frames.HEADER, size - Frames.HEADER);
    return true;
  }

  private boolean isOurs() {
    return link.holder() == null || expected.head() == Kind.QUERY_OURS;
  }

  private void pass(ByteBuf in, int from, int to) {
    if (to > from && link.holder() != null) {
      pool.stats().toClients(to - from);
      link.passOn(in.retainedSlice(from, to - from));
    }
  }

  private void sayFakes() {
    while (expected.isFakeNext()) {
      Kind kind = expected.head();
      isDone(expected.headAbout());
      expected.poll();
      if (kind != null && kind != Kind.COPY_END) {
        link.passOn(said(kind));
      }
    }
  }

  private static void isDone(@Nullable Object about) {
    if (about instanceof Skipped what) {
      what.done();
    }
  }

  private ByteBuf said(Kind fake) {
    ByteBuf out = link.alloc(ClientWire.ROOM);
    BackendMessages.bare(out, fake == Kind.FAKE_PARSE ? Tag.PARSE_COMPLETE : Tag.CLOSE_COMPLETE);
    return out;
  }

  private void sayInstead() {
    ByteBuf out = instead;
    instead = null;
    if (out != null) {
      link.passOn(out);
    }
  }

  /// Looks at one frame; false when the client is not to see it.
  private boolean take(ByteBuf in, byte tag, int at, int size) throws ProtocolFault {
    need(expected.accepts(tag), tag);
    Kind head = expected.head();
    switch (tag) {
      case Tag.PARSE_COMPLETE, Tag.CLOSE_COMPLETE -> {
        need(!(expected.headAbout() instanceof Instead), tag);
        isDone(expected.headAbout());
        expected.poll();
        return head == Kind.PARSE || head == Kind.CLOSE;
      }
      case Tag.BIND_COMPLETE -> expected.poll();
      case Tag.ROW_DESCRIPTION, Tag.NO_DATA -> {
        if (head == Kind.DESCRIBE) {
          expected.poll();
        }
      }
      case Tag.COMMAND_COMPLETE -> completed(in, at, size);
      case Tag.EMPTY_QUERY, Tag.PORTAL_SUSPENDED -> {
        if (head == Kind.EXECUTE) {
          progress.ends(expected.headRunning(), at + size);
          expected.poll();
        }
      }
      case Tag.READY_FOR_QUERY -> {
        need(size == Frames.HEADER + 1, tag);
        progress.ends(expected.headRunning(), at + size);
        return synced(in.getByte(at + Frames.HEADER));
      }
      case Tag.ERROR -> {
        return heard(in, at, size);
      }
      case Tag.COPY_IN -> {
        copyIn = !expected.dropSyncsOfCopy();
        mayGoOn = true;
      }
      case Tag.PARAMETER_STATUS -> {
        return reported(in, at, size);
      }
      default -> {}
    }
    return !isOurs();
  }

  /// What comes of settings made for its sake a client knows mostly: it is told of the rest.
  private boolean reported(ByteBuf in, int at, int size) throws ProtocolFault {
    String name = Frames.string(in, at + Frames.HEADER, at + size);
    int from = Frames.endOfString(in, at + Frames.HEADER, at + size) + 1;
    String value = Frames.string(in, from, at + size);
    link.parameters().put(name, value);
    ClientSession client = link.holder();
    if (client == null || expected.head() == Kind.QUERY_OURS) {
      return false;
    }
    client.reported().tell(name, value);
    return true;
  }

  private static void need(boolean isExpected, byte tag) throws ProtocolFault {
    if (!isExpected) {
      throw new ProtocolFault("the server said '" + (char) tag + "' unasked");
    }
  }

  private void completed(ByteBuf in, int at, int size) {
    copyIn = false;
    Kind head = expected.head();
    Object about = expected.headAbout();
    Gleaning gleaning = expected.headGleaning();
    if (gleaning != null) {
      gleaning.complete();
    }
    progress.completed(in, at + Frames.HEADER, at + size - 1);
    if (head == Kind.EXECUTE) {
      progress.ends(expected.headRunning(), at + size);
      expected.poll();
    }
    ClientSession client = link.holder();
    if (client == null) {
      return;
    }
    if (status == 'I' || in.getByte(at + Frames.HEADER + 2) == 'M') {
      // Without a transaction, or with COMMIT, what was written is there.
      client.recall().committed();
    }
    SessionChanges changes = client.changes();
    if (changes.areOpen() || about != null) {
      int length = size - Frames.HEADER - 1;
      String tag = in.toString(at + Frames.HEADER, length, StandardCharsets.US_ASCII);
      switch (about) {
        case Traits script when head == Kind.QUERY -> changes.stepCompleted(tag, script);
        case Traits one -> changes.completed(tag, one.changes());
        case null, default -> changes.completed(tag, List.of());
      }
      if (tag.equals("DEALLOCATE ALL") || tag.equals("DISCARD ALL")) {
        link.prepared().forgetNamed();
        client.statements().clear();
        mayGoOn = true;
      }
    }
  }

  private boolean synced(byte now) {
    Kind head = expected.head();
    Object about = expected.headAbout();
    expected.poll();
    link.stopwatch().step();
    pool.stats().answered();
    status = now;
    copyIn = false;
    if (head == Kind.QUERY_OURS) {
      if (ourFailure == null && about instanceof SessionSettings adopted) {
        link.adopted(adopted);
      }
      return false;
    }
    ClientSession client = link.holder();
    if (client != null && head == Kind.QUERY) {
      client.statements().answered("", null);
    }
    if (client != null && now == 'I') {
      client.recall().ends();
    }
    if (client != null && head == Kind.QUERY && about instanceof Traits traits) {
      client.scriptEnded(traits);
    }
    return true;
  }

  private boolean heard(ByteBuf in, int at, int size) throws ProtocolFault {
    ErrorReport report = ErrorReport.read(in, at + Frames.HEADER, at + size);
    Object about = expected.headAbout();
    boolean isForClient = failed(report, at + size);
    if (about instanceof Instead other && other.sqlState().equals(report.sqlState())) {
      ByteBuf out = link.alloc(size + 64);
      other.write(in, at, size, out);
      instead = out;
      return false;
    }
    if (isForClient && about instanceof Called called && called.isNamedIn(in, at, size)) {
      ByteBuf out = link.alloc(size + 64);
      called.write(in, at, size, out);
      instead = out;
      return false;
    }
    return isForClient;
  }

  private boolean failed(ErrorReport report, int to) throws ProtocolFault {
    copyIn = false;
    Kind head = expected.head();
    if (report.isFatal()) {
      // Who has sent nothing yet gets another connection; where nothing is owed it is not certain
      // yet who is to be told.
      toldFatal = link.holder() != null && head != null && head != Kind.QUERY_OURS;
      end = head == null ? report : null;
      return toldFatal;
    }
    need(head != null || skipping, Tag.ERROR);
    if (head == Kind.QUERY_OURS) {
      ourFailure = report;
      return false;
    }
    if (report.sqlState().equals(READ_ONLY)) {
      pool.doubt();
    }
    ClientSession client = link.holder();
    progress.failed(report.sqlState(), expected.headReading());
    boolean isOfExtended =
        head != null && head != Kind.QUERY && head != Kind.CALL && head != Kind.SYNC;
    if (expected.headAbout() instanceof Skipped what) {
      what.refused(link);
    }
    if (isOfExtended) {
      progress.ends(expected.headRunning(), to);
      skipping = !expected.skipToSync(skipped -> skipped.takeBack(link));
      mayGoOn |= skipping;
    }
    if (client != null) {
      if (head == Kind.BIND && report.sqlState().equals(OTHER_COLUMNS)) {
        client.changes().redefined();
      }
      client.failed(report);
    }
    return true;
  }

  private void ready() {
    ErrorReport failure = ourFailure;
    ourFailure = null;
    link.ready(failure);
  }
}
