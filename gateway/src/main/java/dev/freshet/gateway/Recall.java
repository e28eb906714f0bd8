package dev.freshet.gateway;

import dev.freshet.cache.Entry;
import dev.freshet.freshness.Dependency;
import dev.freshet.freshness.Freshness;
import dev.freshet.pgwire.BackendMessages;
import dev.freshet.pgwire.Frames;
import dev.freshet.pgwire.ProtocolFault;
import dev.freshet.pgwire.Tag;
import dev.freshet.sql.Arguments;
import dev.freshet.sql.NotCacheable;
import dev.freshet.sql.Statement;
import dev.freshet.sql.Viewpoint;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One session's dealings with stored results: answers from memory where that is provably the same,
/// and keeps what the server answers. Only outside transactions and in those of [ReadOnly], and
/// only while nothing of the session lives on a server connection of its own.
final class Recall {
  /// What became of the message at hand.
  enum Step {
    /// Answered; go on with the next.
    ANSWERED,
    /// Another asks the same just now.
    WAITS,
    /// It is the server's.
    PASSES
  }

  private static final int MANY = 1 << 16;

  private final ClientSession client;
  private final Gateway gateway;
  private final Results results;
  private final OwnWrites writes;
  private final CommitFence fence;
  private final ClientStatements statements;
  private final Unit.Reader reader;
  private final String place;
  private final ReadOnly readOnly;
  private @Nullable SessionSettings sessionOf;
  private @Nullable String session;
  private boolean waiting;
  private boolean hasWaited;
  private boolean isWritten;
  private @Nullable ByteBuf out;

  /// Before that the server says what it is asked for the settings' sake.
  private boolean isSent;

  private @Nullable Asking asking;
  private @Nullable Filling filling;

  /// A question that is on its way to the second tier.
  private record Asking(String key, Results.Flight flight) {}

  /// A question that is on its way to the server.
  ///
  /// @param asOf what the answer may claim, where it is to live by its rows
  private record Filling(
      String key,
      Unit unit,
      long stamp,
      Freshness.@Nullable AsOf asOf,
      Capture capture,
      Results.Flight flight) {}

  Recall(ClientSession client, Gateway gateway, ClientStatements statements) {
    this.client = client;
    this.gateway = gateway;
    this.results = gateway.results();
    Pool.Who who = client.pool().who();
    this.writes = new OwnWrites(results, who.database());
    this.fence = new CommitFence(gateway, client);
    this.statements = statements;
    this.readOnly = new ReadOnly(gateway.time(), gateway.shapes());
    this.reader = new Unit.Reader(statements, gateway.statements(), results);
    this.place = gateway.config().database().server() + "\0" + who.database() + "\0" + who.user();
  }

  /// True while the answer to what goes to the server is to be kept.
  boolean isFilling() {
    return filling != null;
  }

  boolean isWaiting() {
    return waiting;
  }

  /// True when nothing is under way in a transaction whose statements may be answered from memory.
  boolean isReadOnly() {
    return readOnly.isOne() && client.isQuietInTransaction();
  }

  /// What ReadyForQuery is to say.
  private byte status() {
    ServerLink link = client.link();
    return link == null ? (byte) 'I' : link.status();
  }

  /// A message is there, and nothing is under way.
  ///
  /// @param isAgain it has been here before, and then had to wait for a server connection: that
  ///   does not make it a question that comes again
  Step take(ByteBuf in, boolean isAgain) throws ProtocolFault {
    Filling under = filling;
    if (under != null || isAgain || !results.isOn()) {
      filling = under == null || isSent ? under : renewed(under);
      return Step.PASSES;
    }
    Object scope = client.changes().scope();
    String of = session(client.settings());
    boolean isClean = scope instanceof SessionSettings && client.pins().isEmpty() && of != null;
    Unit unit = isClean ? reader.read(in, scope) : null;
    Step step = unit == null ? Step.PASSES : take(in, unit);
    if (step == Step.PASSES && filling == null) {
      land();
    }
    if (step != Step.ANSWERED) {
      hand();
    }
    return step;
  }

  private Step take(ByteBuf in, Unit unit) throws ProtocolFault {
    if (!unit.keeping().life().byRows() && client.witness().isFollowed(unit)) {
      // An answer of a while ago would be taken for one of now.
      return Step.PASSES;
    }
    String key = unit.question().key();
    Entry<KeptResult> found = results.find(key, writes);
    if (found != null && isEnough(found, unit)) {
      results.hit();
      answer(in, unit, found);
      land();
      return Step.ANSWERED;
    }
    boolean byRows = unit.keeping().life().byRows();
    boolean isHopeless = byRows && results.isHopeless(unit.question().statement(), session);
    if (!unit.isAgain() || isHopeless) {
      return Step.PASSES;
    }
    if (status() != 'I') {
      // Who holds a server connection waits for nobody who may be waiting for one.
      return fills(key, unit, results.begin(key));
    }
    if (!hasWaited && results.join(key, this::resume)) {
      waiting = true;
      return Step.WAITS;
    }
    return asks(key, unit);
  }

  /// Whether it was asked for with all the descriptions that are asked for now.
  private static boolean isEnough(Entry<KeptResult> found, Unit unit) {
    byte[][] stored = found.body();
    return switch (unit.described()) {
      case Unit.STATEMENT -> stored[0].length > 0;
      case Unit.PORTAL -> stored[1].length > 0;
      default -> true;
    };
  }

  /// Goes for it: to the second tier first, where there is one, then to the server.
  private Step asks(String key, Unit unit) {
    Asking before = asking;
    Results.Flight flight = before == null ? results.begin(key) : before.flight();
    if (before == null && !hasWaited && results.maySecondHave(key)) {
      asking = new Asking(key, flight);
      waiting = true;
      var _ = results.second(key).whenComplete((found, failure) -> gateway.run(this::resume));
      return Step.WAITS;
    }
    asking = null;
    hasWaited = false;
    return fills(key, unit, flight);
  }

  private Step fills(String key, Unit unit, Results.Flight flight) {
    results.missed();
    Capture capture = new Capture(results.maxResult(), status());
    isSent = false;
    filling = new Filling(key, unit, results.stamp(), results.asOf(), capture, flight);
    return Step.PASSES;
  }

  /// It had to wait for a server connection, and still is to be sent.
  private Filling renewed(Filling at) {
    return new Filling(
        at.key(), at.unit(), results.stamp(), results.asOf(), at.capture(), at.flight());
  }

  /// It is not, or no longer, on the way to an answer for everybody.
  private void land() {
    hasWaited = false;
    Asking at = asking;
    asking = null;
    if (at != null) {
      results.end(at.key(), at.flight());
    }
    Filling with = filling;
    filling = null;
    if (with != null) {
      results.end(with.key(), with.flight());
    }
  }

  /// What it waited for is there, or will not come.
  private void resume() {
    if (waiting) {
      waiting = false;
      hasWaited = true;
      client.resume();
    }
  }

  /// The client is told something else.
  void denied() {
    waiting = false;
    land();
  }

  private void answer(ByteBuf in, Unit unit, Entry<KeptResult> found) throws ProtocolFault {
    byte[][] stored = found.body();
    long began = gateway.time().nanos();
    ByteBuf to = room(stored[0].length + stored[1].length + stored[2].length);
    int before = to.readableBytes();
    close(in, to);
    in.skipBytes(unit.octets());
    SharedStatement prepared = unit.prepares();
    if (prepared != null) {
      statements.put(unit.name(), prepared);
      BackendMessages.bare(to, Tag.PARSE_COMPLETE);
    }
    if (unit.heard() != null) {
      client.work().said(unit.heard());
    }
    if (unit.described() == Unit.QUERY) {
      statements.remove("");
    }
    if (unit.described() == Unit.STATEMENT) {
      to.writeBytes(stored[0]);
    }
    if (unit.described() != Unit.QUERY) {
      BackendMessages.bare(to, Tag.BIND_COMPLETE);
    }
    if (unit.described() == Unit.PORTAL || unit.described() == Unit.QUERY) {
      to.writeBytes(stored[1]);
    }
    to.writeBytes(stored[2]);
    long rows = Progress.told(to, to.readerIndex() + before, to.writerIndex() - 1);
    BackendMessages.readyForQuery(to, status());
    ServerLink link = client.link();
    if (link != null) {
      // For limits of idleness it is as if the server had answered.
      link.stopwatch().step();
      statements.portalIsMemorys();
    }
    client.witness().recalled(unit, found.evidence());
    int size = to.readableBytes() - before;
    client
        .work()
        .recalled(unit.question().statement(), began, rows, size, client.witness().trail());
    if (status() == 'I') {
      client.work().over();
    }
  }

  /// What the client no longer needs; portals are gone without a transaction.
  private void close(ByteBuf in, ByteBuf to) throws ProtocolFault {
    for (int at = in.readerIndex(); in.getByte(at) == Tag.CLOSE; at += Frames.size(in, at)) {
      int from = at + Frames.HEADER;
      if (in.getByte(from) == 'S') {
        statements.remove(Frames.string(in, from + 1, at + Frames.size(in, at)));
      }
      BackendMessages.bare(to, Tag.CLOSE_COMPLETE);
    }
  }

  /// Answers that follow each other leave in one piece.
  private ByteBuf room(int octets) {
    ByteBuf all = out;
    if (all != null && all.readableBytes() > MANY) {
      hand();
      all = null;
    }
    if (all == null) {
      all = client.alloc(octets + 64);
      out = all;
    }
    return all;
  }

  private void hand() {
    ByteBuf all = out;
    if (all != null) {
      out = null;
      isWritten = true;
      client.fromServer(all);
    }
  }

  /// Sends what was answered, as many answers as there were.
  void flush() {
    hand();
    if (isWritten) {
      isWritten = false;
      client.flush();
    }
  }

  // ---- what passes to the server and back ----

  /// A statement is sent to the server; null for one of which nothing is known.
  void runs(@Nullable Statement statement) {
    isSent = filling != null;
    if (results.isOn()) {
      readOnly.runs(statement, client.settings());
    }
    if (results.isOn() || fence.isOn()) {
      writes.runs(statement);
    }
  }

  /// The client is told this, behind what it is told from memory.
  void answered(ByteBuf data) {
    hand();
    Filling at = filling;
    if (at != null && isSent) {
      at.capture().add(data);
    }
  }

  /// A transaction may have been committed, which the client does not know yet.
  void committed() {
    writes.settle(false);
  }

  /// ReadyForQuery outside a transaction has come, which the client does not know yet.
  ///
  /// What told it of the commit before has gone out: it may be what the client waits for before it
  /// says Sync, or sends the rows of a COPY.
  void ends() {
    if (writes.areThere()) {
      fence.begins();
    }
  }

  /// ReadyForQuery has come, and is on its way to the client.
  void ready(byte status) {
    boolean isOver = status == 'I';
    readOnly.ready(status, client.isPipelining());
    if (isOver && writes.areThere()) {
      Set<Long> touched = writes.relations(gateway.footprints(), client.witness().viewpoint());
      writes.settle(true);
      fence.over(writes, touched);
    } else {
      writes.settle(isOver);
    }
    Filling at = filling;
    if (at == null) {
      return;
    }
    filling = null;
    Viewpoint from = client.witness().viewpoint();
    String obstacle = from == null ? client.witness().obstacle() : "";
    String bearing = session;
    Runnable putsAway =
        () -> {
          try {
            keep(at, bearing, from, obstacle);
          } catch (RuntimeException e) {
            // It may be somebody else's turn by then, whose fault it isn't.
            gateway.figures().fault(e);
          }
        };
    if (at.unit().keeping().life().byRows()) {
      results.endSoon(at.key(), at.flight(), at.capture().octets(), putsAway);
    } else {
      // What lives for a time begins to live now.
      putsAway.run();
      results.end(at.key(), at.flight());
    }
  }

  /// @param bearing what of the session bore on the answer
  /// @param from where the session read; null where that can't be told
  /// @param obstacle to that, in a few words for people
  private void keep(
      Filling at, @Nullable String bearing, @Nullable Viewpoint from, String obstacle) {
    Capture.Parts parts = at.capture().parts();
    if (parts == null) {
      results.refused();
      return;
    }
    Unit unit = at.unit();
    String database = client.pool().who().database();
    if (!unit.keeping().life().byRows()) {
      results.put(at.key(), database, unit.keeping(), parts.octets(), at.stamp(), null);
      return;
    }
    Arguments arguments = unit.question().arguments();
    Freshness.AsOf asOf = at.asOf();
    if (from == null) {
      results.refused(obstacle);
      return;
    }
    if (arguments == null || asOf == null) {
      results.refused();
      return;
    }
    Footprints made = gateway.footprints();
    switch (made.grounds(unit.question().statement(), arguments, from, parts.rows())) {
      case Footprints.Grounds.From(List<Dependency> all) ->
          results.put(
              at.key(),
              database,
              unit.keeping(),
              parts.octets(),
              at.stamp(),
              results.evidence(asOf, all));
      case Footprints.Grounds.NotNow _ -> results.refused();
      case Footprints.Grounds.Never(NotCacheable reason) ->
          results.hopeless(unit.question().statement(), bearing, reason);
    }
  }

  /// The session or its server connection is gone.
  void lost() {
    denied();
    readOnly.lost();
    Runnable again = writes.lost();
    if (again != null) {
      var _ = gateway.later(1_000, again);
      var _ = gateway.later(10_000, again);
    }
  }

  // ---- what of the session bears on answers ----

  /// Null where nobody can tell.
  private @Nullable String session(SessionSettings settings) {
    if (!settings.equals(sessionOf)) {
      String bearing = settings.bearingOnResults();
      session = bearing == null ? null : "pg\0" + place + "\0" + bearing + "\0";
      if (session != null) {
        reader.session(session);
      }
      sessionOf = settings;
    }
    return session;
  }
}
