package dev.freshet.gateway;

import dev.freshet.base.Time;
import dev.freshet.freshness.Doubt;
import dev.freshet.freshness.Evidence;
import dev.freshet.freshness.TraceId;
import dev.freshet.freshness.Trail;
import dev.freshet.freshness.Trails;
import dev.freshet.sql.Arguments;
import dev.freshet.sql.NotCacheable;
import dev.freshet.sql.SqlComment;
import dev.freshet.sql.SqlScript;
import dev.freshet.sql.Statement;
import dev.freshet.sql.Viewpoint;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/* Whose statement is it?
 *
 * A text that comes with a traceparent around it belongs to that trace, and so does the execution
 * of what was prepared with it, if that follows directly. What was prepared earlier may be anyone's
 * by now: it belongs to the last trace named in the same transaction, else to the one in the
 * session's application name, else to an unknown one, and then every request under way is in doubt.
 *
 * Drivers that prepare by themselves what they have seen often do so by the whole text, comment and
 * all: the names that they give tell. What they run under such a name belongs to the trace it was
 * prepared with, as long as that request lasts and the session has worked for no other since.
 *
 * A request only knows what it read if the database showed it nothing older than its beginning: a
 * statement in a transaction that had begun before the request did is not to be trusted.
 */

/// Sees every statement of one session before it goes out, and books what it touches on the trail
/// it belongs to. On the gateway's loop.
final class Witness {
  private static final Pattern TRACEPARENT =
      Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");
  private static final Pattern NAME =
      Pattern.compile(
          ".*?(?:\\bTO\\b|=)\\s*E?['\"]?(?<value>.*?)['\"]?\\s*",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /// As pgjdbc, psycopg, asyncpg, Npgsql and pgx name what they keep by its text.
  private static final Pattern BY_TEXT =
      Pattern.compile(
          "S_\\d+|_pg3_\\w+|__asyncpg_stmt_\\w+__|_auto\\d+|stmtcache_\\w+|lrupsc_\\d+_\\d+");

  private static final int MAX_KEPT = 1_000;
  private static final Pattern SNAPSHOT =
      Pattern.compile("set\\s+transaction\\s+snapshot\\b.*", Pattern.DOTALL);

  /// Facts about the session and the server that no row changes.
  private static final Set<String> HARMLESS =
      Set.of(
          "application_name",
          "client_encoding",
          "datestyle",
          "default_transaction_isolation",
          "default_transaction_read_only",
          "integer_datetimes",
          "intervalstyle",
          "is_superuser",
          "lc_collate",
          "lc_ctype",
          "max_identifier_length",
          "search_path",
          "server_encoding",
          "server_version",
          "server_version_num",
          "standard_conforming_strings",
          "statement_timeout",
          "timezone",
          "time zone",
          "transaction isolation level",
          "transaction_isolation",
          "transaction_read_only");

  private final Watch watch;
  private final Footprints footprints;
  private final TraceCounts traceCounts;
  private final Time time;
  private final ClientSession session;
  private final Viewpoints viewpoints = new Viewpoints();

  private @Nullable TraceId said;
  private @Nullable String saidOf;
  private @Nullable TraceId inTransaction;
  private @Nullable TraceId last;
  private @Nullable Trail booked;
  private long turns;
  private final Map<String, Kept> kept = new LinkedHashMap<>();
  private boolean hasWatched;
  private boolean hasBegun;
  private boolean isOld;
  private long begunNanos;

  /// What had been published when it began, before anything was sent; 0 where that tells nothing.
  private long begunAt;

  private @Nullable Gleaning bound;
  private String boundTo = "";
  private boolean hasDefined;
  private boolean hasSet;
  private @Nullable SessionSettings namedBy;
  private TraceCounts.@Nullable Tally app;
  private @Nullable TraceId byName;
  private boolean isJobByName;

  Witness(Gateway gateway, ClientSession session) {
    this.watch = gateway.watch();
    this.footprints = gateway.footprints();
    this.traceCounts = gateway.traceCounts();
    this.time = gateway.time();
    this.session = session;
    this.hasWatched = watch.isOn();
  }

  /// A simple query.
  ///
  /// @param sql with its comments
  /// @return to be shown the answer, or null
  @Nullable Gleaning runs(byte[] sql, Statement read, Traits traits) {
    if (!isWatching()) {
      return null;
    }
    forget();
    TraceId trace = trace(sql, read);
    saidOf = null;
    begin(traits);
    if (read.count() <= 1) {
      return book(trace, read, () -> Arguments.of(read));
    }
    byte[] text = read.text();
    for (SqlScript.Part part : SqlScript.read(text, 0, text.length).parts()) {
      Statement each = Statement.read(text, part.from(), part.to());
      Gleaning one = book(trace, each, () -> Arguments.of(each));
      if (one != null) {
        // Whose rows come when is not followed inside a script.
        one.over();
      }
    }
    return null;
  }

  /// A text is prepared under a name.
  void prepares(String name, byte[] sql, SharedStatement known) {
    if (isWatching()) {
      boolean isBare = sql.length == known.sql().length;
      said = isBare ? null : trace(sql, Statement.read(sql, 0, sql.length));
      saidOf = name;
    }
  }

  /// What was prepared under a name is to be run.
  ///
  /// @param portal under which it can be run
  /// @param reading null where it is not known
  /// @param types of the parameters as declared, four octets each
  /// @param values the Bind message behind its names, asked for at once or not at all; null where
  ///   not all of it is at hand
  void binds(
      String portal,
      String name,
      @Nullable Reading reading,
      byte[] types,
      Supplier<byte @Nullable []> values) {
    if (!isWatching()) {
      return;
    }
    forget();
    boolean isNew = name.equals(saidOf);
    TraceId trace = isNew ? said : kept(name);
    saidOf = null;
    begin(reading == null ? null : reading.traits());
    if (reading == null) {
      unknown(trace, "a statement that was prepared by EXECUTE's PREPARE");
    } else if (reading.statement().count() > 1) {
      unknown(trace, Footprints.shown(reading.statement()));
    } else {
      Statement statement = reading.statement();
      bound = book(trace, statement, () -> arguments(statement, types, values.get()));
      boundTo = portal;
    }
    if (isNew) {
      keep(name, trace);
    }
  }

  /// What was bound last is run.
  ///
  /// @return to be shown the answer, or null
  @Nullable Gleaning executes(String portal) {
    Gleaning out = portal.equals(boundTo) ? bound : null;
    bound = out == null ? bound : null;
    return out;
  }

  /// What was bound last, and not run, gives no rows that anybody sees.
  void forget() {
    Gleaning was = bound;
    bound = null;
    if (was != null) {
      was.over();
    }
  }

  /// The trace of what a driver prepared by its text; null where it may be another's by now.
  private @Nullable TraceId kept(String name) {
    Kept known = kept.isEmpty() ? null : kept.get(name);
    if (known == null || known.turn() != turns) {
      return null;
    }
    Trails trails = watch.trails();
    TraceId trace = known.trace();
    return trails.find(trace) != null || trails.isGivenUp(trace) ? trace : null;
  }

  private void keep(String name, @Nullable TraceId trace) {
    if (trace == null || !BY_TEXT.matcher(name).matches()) {
      kept.remove(name);
      return;
    }
    if (kept.size() >= MAX_KEPT) {
      kept.clear();
    }
    kept.put(name, new Kept(trace, turns));
  }

  /// Whether a statement belongs to a request whose answer is being learned: only the database may
  /// answer that.
  boolean isFollowed(Unit unit) {
    if (!isWatching()) {
      return false;
    }
    TraceId named = trace(unit);
    TraceId before = inTransaction;
    TraceId trace = named != null ? named : before != null ? before : byName();
    return trace != null && watch.trails().find(trace) != null;
  }

  /// By its text, or by what its driver prepared it with.
  private @Nullable TraceId trace(Unit unit) {
    Statements.Heard heard = unit.heard();
    if (heard == null) {
      return kept(unit.name());
    }
    String parent = heard.comment().tags().get("traceparent");
    return parent == null ? null : TraceId.ofTraceparent(parent);
  }

  /// A statement was answered from memory. If it belongs to a request whose answer is being
  /// learned, the evidence is booked there; if to none, or so it seems, it may have been anybody's.
  ///
  /// Why that is as good as reading: let X be a transaction that changed what the evidence names.
  /// If the answer lacks X, then X was not folded when it was found current just now, so it was not
  /// published when the request began either, and once it is folded the request's own answer, which
  /// depends on the same and claims an earlier position, is current no more.
  ///
  /// @param evidence null for an answer that lives by time, which no such request is given
  void recalled(Unit unit, @Nullable Evidence evidence) {
    if (!isWatching()) {
      return;
    }
    saidOf = null;
    boolean isByItself = !hasBegun;
    if (isByItself) {
      begunNanos = time.nanos();
    }
    TraceId trace = trace(unit);
    Trail trail = trail(trace, () -> Footprints.shown(unit.question().statement()));
    if (trail != null && evidence != null) {
      trail.reads(evidence.dependencies(), evidence.asOf());
    }
    if (unit.prepares() != null) {
      keep(unit.name(), trace);
    }
    if (isByItself) {
      inTransaction = null;
    }
  }

  /// A function is called by message.
  void calls() {
    if (isWatching()) {
      begin(null);
      unknown(null, "a function called by message");
    }
  }

  /// The trip that the last statement belongs to, and what follows it in its transaction; null
  /// where there is none.
  @Nullable Trail trail() {
    return booked;
  }

  /// No transaction is open and nothing is under way.
  void over() {
    forget();
    inTransaction = null;
    hasBegun = false;
    isOld = false;
    hasSet = false;
    if (hasDefined) {
      hasDefined = false;
      watch.defined().run();
    }
  }

  /// Where watching begins in the middle of things, nothing is concluded from this transaction:
  /// what it has set, defined and read until now was not seen, nor when it began.
  private boolean isWatching() {
    if (!hasWatched && watch.isOn()) {
      hasWatched = true;
      hasBegun = true;
      isOld = true;
      hasSet = true;
      hasDefined = true;
      namedBy = null;
    }
    return hasWatched;
  }

  private void begin(@Nullable Traits traits) {
    if (!hasBegun) {
      hasBegun = true;
      booked = null;
      begunNanos = time.nanos();
      // What a replica has replayed was looked at before.
      begunAt = session.detour().isOn() ? 0 : watch.trails().freshness().published();
    }
    hasSet |= traits == null || (!traits.isPlain() && traits.pins().contains(Pin.SETTING));
  }

  private static @Nullable Arguments arguments(
      Statement statement, byte[] types, byte @Nullable [] values) {
    if (values == null) {
      return null;
    }
    int[] oids = new int[types.length / 4];
    ByteBuffer.wrap(types).asIntBuffer().get(oids);
    try {
      return Arguments.of(statement, oids, values, 0);
    } catch (IndexOutOfBoundsException e) {
      // The server will say what is wrong with it.
      return null;
    }
  }

  /// @param turn of the session, when it was prepared
  private record Kept(TraceId trace, long turn) {}

  private static @Nullable TraceId trace(byte[] sql, Statement read) {
    if (read.textFrom() == 0 && read.textTo() == sql.length) {
      return null;
    }
    String parent = SqlComment.of(sql, 0, sql.length, read).tags().get("traceparent");
    return parent == null ? null : TraceId.ofTraceparent(parent);
  }

  private @Nullable TraceId byName() {
    readName();
    return byName;
  }

  /// Looks at the name of the connection again only where the session has made other settings.
  private void readName() {
    SessionSettings now = session.settings();
    if (now.equals(namedBy)) {
      return;
    }
    String name = applicationName(now);
    Matcher trace = TRACEPARENT.matcher(name);
    boolean isTrace = trace.find();
    byName = isTrace ? TraceId.ofTraceparent(trace.group()) : null;
    isJobByName = watch.jobs().get().contains(name);
    app = traceCounts.app(isTrace || name.isBlank() ? "user " + session.pool().who().user() : name);
    namedBy = now;
  }

  private @Nullable Gleaning book(
      @Nullable TraceId named, Statement statement, Supplier<@Nullable Arguments> arguments) {
    switch (statement.verb()) {
      case BEGIN, COMMIT, ROLLBACK, ROLLBACK_TO, SAVEPOINT, RELEASE -> named(named);
      case SET, RESET, DISCARD, LISTEN, UNLISTEN, DEALLOCATE, CLOSE, LOCK, EMPTY -> named(named);
      case SET_LOCAL -> {
        named(named);
        isOld |= SNAPSHOT.matcher(statement.normalised()).matches();
      }
      case SHOW -> {
        String setting = statement.normalised().substring(4).strip();
        if (HARMLESS.contains(setting.toLowerCase(Locale.ROOT))) {
          named(named);
        } else {
          refuse(named, statement);
        }
      }
      case SELECT, INSERT, UPDATE, DELETE, MERGE, WITH, VALUES, TABLE, TRUNCATE -> {
        return touch(named, statement, arguments);
      }
      case CREATE, ALTER, DROP, GRANT, REVOKE, COMMENT, REFRESH, OTHER -> {
        hasDefined = true;
        refuse(named, statement);
      }
      case COPY,
          PREPARE_TRANSACTION,
          COMMIT_PREPARED,
          ROLLBACK_PREPARED,
          NOTIFY,
          PREPARE,
          EXECUTE,
          DECLARE,
          FETCH,
          MOVE,
          EXPLAIN,
          CALL,
          DO,
          VACUUM,
          ANALYZE,
          CLUSTER,
          REINDEX,
          CHECKPOINT ->
          refuse(named, statement);
    }
    return null;
  }

  /// A trace named in a transaction is that of what follows there.
  private void named(@Nullable TraceId trace) {
    if (trace != null) {
      inTransaction = trace;
    }
  }

  private @Nullable Gleaning touch(
      @Nullable TraceId named, Statement statement, Supplier<@Nullable Arguments> arguments) {
    // Whosever it is: of the request it belonged to it would change nothing either.
    BooleanSupplier isHarmless =
        () -> {
          Viewpoint reader = viewpoint();
          return reader != null && footprints.isBookkeeping(statement, reader);
        };
    Trail trail = trail(named, () -> Footprints.shown(statement), isHarmless);
    if (trail == null) {
      // As most statements are where no request is followed: from where it reads is no matter.
      return null;
    }
    Viewpoint from = viewpoint();
    if (from == null) {
      trail.unclear(
          Doubt.NOT_ANALYSABLE, "settings of the session: " + Footprints.shown(statement));
      trail.writes(null);
      return null;
    }
    return footprints.book(trail, statement, arguments.get(), from, begunAt);
  }

  /// Other databases have other tables, whose changes nobody tells of.
  @Nullable Viewpoint viewpoint() {
    Pool.Who who = session.pool().who();
    ServerLink link = session.link();
    if (link == null || hasSet || !who.database().equals(watch.database().get())) {
      return null;
    }
    return session.changes().scope() instanceof SessionSettings
        ? viewpoints.of(
            who.user(), link.parameters(), session.settings(), session.pins(), link.searchPath())
        : null;
  }

  /// Why there is no viewpoint, in a few words for people.
  String obstacle() {
    ServerLink link = session.link();
    if (link == null || !session.pool().who().database().equals(watch.database().get())) {
      return "not the database of the change feed";
    }
    return hasSet || !(session.changes().scope() instanceof SessionSettings)
        ? "settings made beside it"
        : Viewpoints.obstacle(link.parameters(), session.settings(), session.pins());
  }

  private void refuse(@Nullable TraceId named, Statement statement) {
    Trail trail = trail(named, () -> Footprints.shown(statement));
    if (trail != null) {
      Footprints.unknown(trail, statement, NotCacheable.NOT_A_QUERY);
    }
  }

  private void unknown(@Nullable TraceId named, String what) {
    Trail trail = trail(named, () -> what);
    if (trail != null) {
      trail.unclear(Doubt.NOT_ANALYSABLE, what);
      trail.writes(null);
    }
  }

  private @Nullable Trail trail(@Nullable TraceId named, Supplier<String> what) {
    return trail(named, what, () -> false);
  }

  /// The trail to book on; null where there is none, and then all has been said.
  ///
  /// @param isHarmless whether it doesn't matter to whom it belongs
  private @Nullable Trail trail(
      @Nullable TraceId named, Supplier<String> what, BooleanSupplier isHarmless) {
    booked = null;
    Trails trails = watch.trails();
    TraceId before = inTransaction;
    TraceId trace = named != null ? named : before != null ? before : byName();
    if (trace == null || !trace.equals(last)) {
      last = trace;
      turns++;
    }
    if (trace == null) {
      if (!isJob()) {
        traceCounts.came(app(), TraceCounts.Way.NONE, null);
        traceCounts.without(app(), what);
        if (trails.areOpen() && !isHarmless.getAsBoolean()) {
          trails.unclear(Doubt.UNTRACED_STATEMENT, what.get());
        }
      }
      return null;
    }
    boolean isMixed = before != null && !before.equals(trace);
    inTransaction = trace;
    Trail trail = trails.find(trace);
    traceCounts.came(
        app(),
        named != null
            ? TraceCounts.Way.COMMENT
            : before != null ? TraceCounts.Way.TRANSACTION : TraceCounts.Way.APPLICATION_NAME,
        trail == null ? null : trail.route());
    if (trail == null) {
      // Late statements of a request that was answered belong to nobody else, unless only the
      // connection was named for it: kept open, it may be at work for another by now.
      boolean isByName = named == null && before == null;
      if ((isByName || !trails.hasEnded(trace)) && !isJob()) {
        traceCounts.foreign(app());
        trails.unclear(Doubt.FOREIGN_TRACE, what.get());
      }
      return null;
    }
    if (isMixed || isOld || begunNanos - trail.openedNanos() < 0) {
      trail.unclear(Doubt.OLD_SNAPSHOT, what.get());
    }
    booked = trail;
    return trail;
  }

  /// Told apart by the name of the connection, and by its user where that is a trace or none.
  private TraceCounts.Tally app() {
    readName();
    return Objects.requireNonNull(app);
  }

  /// The application name that the session began with, or has set.
  private String applicationName(SessionSettings settings) {
    String set = settings.sql("application_name");
    if (set == null) {
      return session.name();
    }
    Matcher value = NAME.matcher(set);
    return value.matches() ? value.group("value") : session.name();
  }

  private boolean isJob() {
    readName();
    return isJobByName || watch.jobs().get().contains(session.pool().who().user());
  }
}
