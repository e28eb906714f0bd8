package dev.freshet.gateway;

import dev.freshet.cache.Entry;
import dev.freshet.pgwire.BackendMessages;
import dev.freshet.pgwire.ProtocolFault;
import dev.freshet.pgwire.Tag;
import dev.freshet.sql.SqlComment;
import dev.freshet.sql.Statement;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// One session's dealings with stored results: answers from memory where that is provably the same,
/// and keeps what the server answers. Only outside transactions, and only while nothing of the
/// session lives on a server connection of its own.
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

  private final ClientSession client;
  private final Gateway gateway;
  private final Results results;
  private final OwnWrites writes;
  private final ClientStatements statements;
  private final Unit.Reader reader;
  private final String place;
  private @Nullable SessionSettings prefixOf;
  private @Nullable String prefix;
  private boolean waiting;
  private boolean hasWaited;
  private boolean isWritten;

  /// Before that the server says what it is asked for the settings' sake.
  private boolean isSent;

  private @Nullable Asking asking;
  private @Nullable Filling filling;

  /// A question that is on its way to the second tier.
  private record Asking(String key, Results.Flight flight) {}

  /// A question that is on its way to the server.
  private record Filling(
      String key, Keeping keeping, long stamp, Capture capture, Results.Flight flight) {}

  Recall(ClientSession client, Gateway gateway, ClientStatements statements) {
    this.client = client;
    this.gateway = gateway;
    this.results = gateway.results();
    Pool.Who who = client.pool().who();
    this.writes = new OwnWrites(results, who.database());
    this.statements = statements;
    this.reader = new Unit.Reader(statements, gateway.statements(), results);
    this.place = gateway.config().database().server() + "\0" + who.database() + "\0" + who.user();
  }

  boolean isWaiting() {
    return waiting;
  }

  /// A message is there, and nothing is under way.
  Step take(ByteBuf in) throws ProtocolFault {
    if (filling != null || !results.isOn()) {
      return Step.PASSES;
    }
    Object scope = client.changes().scope();
    String of = prefix(client.settings());
    boolean isClean = scope instanceof SessionSettings && client.pins().isEmpty() && of != null;
    Unit unit = isClean ? reader.read(in, scope) : null;
    if (unit == null) {
      land();
      return Step.PASSES;
    }
    if (client.witness().isFollowed(comment(unit))) {
      // An answer of a while ago would be taken for one of now.
      land();
      return Step.PASSES;
    }
    String key = of + unit.question();
    Entry<KeptResult> found = results.find(key, writes.since());
    if (found != null && isEnough(found, unit)) {
      results.hit();
      answer(in, unit, found.body());
      land();
      return Step.ANSWERED;
    }
    if (!hasWaited && results.join(key, this::resume)) {
      waiting = true;
      return Step.WAITS;
    }
    return asks(key, unit);
  }

  private static @Nullable SqlComment comment(Unit unit) {
    return unit.heard() == null ? null : unit.heard().comment();
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
    if (before == null && !hasWaited && results.hasSecondTier()) {
      asking = new Asking(key, flight);
      waiting = true;
      var _ = results.second(key).whenComplete((found, failure) -> gateway.run(this::resume));
      return Step.WAITS;
    }
    asking = null;
    hasWaited = false;
    results.missed();
    Capture capture = new Capture(results.maxResult());
    filling = new Filling(key, unit.keeping(), results.stamp(), capture, flight);
    return Step.PASSES;
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

  private void answer(ByteBuf in, Unit unit, byte[][] stored) {
    long began = gateway.time().nanos();
    in.skipBytes(unit.octets());
    SharedStatement prepared = unit.prepares();
    if (prepared != null) {
      statements.put(unit.name(), prepared);
    }
    if (unit.heard() != null) {
      client.work().said(unit.heard());
    }
    ByteBuf out = client.alloc(stored[0].length + stored[1].length + stored[2].length + 32);
    if (prepared != null) {
      BackendMessages.bare(out, Tag.PARSE_COMPLETE);
    }
    if (unit.described() == Unit.STATEMENT) {
      out.writeBytes(stored[0]);
    }
    if (unit.described() != Unit.QUERY) {
      BackendMessages.bare(out, Tag.BIND_COMPLETE);
    }
    if (unit.described() == Unit.PORTAL || unit.described() == Unit.QUERY) {
      out.writeBytes(stored[1]);
    }
    out.writeBytes(stored[2]);
    long rows = Progress.told(out, out.readerIndex(), out.writerIndex() - 1);
    BackendMessages.readyForQuery(out, (byte) 'I');
    int size = out.readableBytes();
    client.fromServer(out);
    isWritten = true;
    client.witness().recalled(comment(unit), unit.statement());
    client.work().recalled(unit.statement(), began, rows, size);
  }

  /// Sends what was answered, as many answers as there were.
  void flush() {
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
      writes.runs(statement);
    }
  }

  void answered(ByteBuf data) {
    Filling at = filling;
    if (at != null && isSent) {
      at.capture().add(data);
    }
  }

  /// A transaction may have been committed, which the client does not know yet.
  void committed() {
    writes.settle(false);
  }

  /// ReadyForQuery has come, and is on its way to the client.
  void ready(byte status) {
    writes.settle(status == 'I');
    Filling at = filling;
    if (at == null) {
      return;
    }
    filling = null;
    Capture.Parts parts = at.capture().parts();
    if (parts == null) {
      results.refused();
    } else {
      String database = client.pool().who().database();
      results.put(at.key(), database, at.keeping(), parts.octets(), at.stamp());
    }
    results.end(at.key(), at.flight());
  }

  /// The session or its server connection is gone.
  void lost() {
    denied();
    Runnable again = writes.lost();
    if (again != null) {
      gateway.later(1_000, again);
      gateway.later(10_000, again);
    }
  }

  // ---- what of the session bears on answers ----

  private @Nullable String prefix(SessionSettings settings) {
    if (!settings.equals(prefixOf)) {
      String bearing = settings.bearingOnResults();
      prefix = bearing == null ? null : "pg\0" + place + "\0" + bearing + "\0";
      prefixOf = settings;
    }
    return prefix;
  }
}
