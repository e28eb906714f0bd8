package dev.freshet.app;

import dev.freshet.base.Rolls;
import dev.freshet.edge.Edge;
import dev.freshet.freshness.Freshness;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.replication.LogSequenceNumber;

/// Writers by every way there is and readers by every way there is, side by side on two nodes, and
/// a [Ledger] that says what each reader must see.
///
/// In a storm everybody writes as fast as he can, so that hardly an answer lives long enough to be
/// used. In a lull a few rows are read over and over and each is written now and then: there most
/// answers come from memory, and each write meets one that is being used.
final class FreshnessChecker {
  /// Stands in statements that readers by SQL have to themselves.
  static final String OF_READERS = " as seen";

  private static final int ROWS = 24;
  private static final int GROUPS = 5;
  private static final int KEPT = 500;

  /// Readers ask for so many rows and groups mostly, while it is quiet.
  private static final int LIKED = 3;

  /// In a lull there is one write to so many reads.
  private static final int READS_TO_A_WRITE = 40;

  private static final List<String> TABLES = List.of("told", "untold");

  /// What all nodes are called: what they keep in Redis is for everybody who asks for that.
  private static final String SHOP = "http://shop.test";

  /// One running Freshet.
  ///
  /// @param edge sends everything there, whatever it is called
  /// @param inside is told to ask ahead
  record Node(String name, HttpClient edge, String gateway, Freshness freshness, Edge inside) {}

  private final List<Node> nodes;
  private final String direct;
  private final long seed;
  private final Ledger ledger = new Ledger();
  private final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();
  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> kinds = new ConcurrentHashMap<>();
  private final AtomicLong threadSeed;
  private final LongAdder reads = new LongAdder();
  private final AtomicLong allowed = new AtomicLong();
  private volatile boolean isLull;
  private final AtomicInteger lulls = new AtomicInteger();
  private long lullFrom;
  private long stormFrom;
  private volatile boolean over;

  /// @param direct JDBC URL of the server itself
  FreshnessChecker(List<Node> nodes, String direct, long seed) {
    this.nodes = List.copyOf(nodes);
    this.direct = direct;
    this.seed = seed;
    this.threadSeed = new AtomicLong(seed);
  }

  /// Makes the tables: `told` reveals old values, `untold` does not.
  static void prepare(String direct) throws SQLException {
    try (Connection c = DriverManager.getConnection(direct);
        Statement s = c.createStatement()) {
      for (String table : TABLES) {
        s.execute("drop table if exists " + table);
        s.execute(
            "create table "
                + table
                + " (id int primary key, version bigint not null, grp int not null)");
        s.execute(
            "insert into "
                + table
                + " select i, 0, i % "
                + GROUPS
                + " from generate_series(1, "
                + ROWS
                + ") i");
      }
      s.execute("alter table told replica identity full");
    }
  }

  /// Runs until the time is up.
  ///
  /// @param meanwhile what else happens, on the calling thread; is to end by itself at about the
  ///   end
  void run(int writers, int readers, Meanwhile meanwhile) throws InterruptedException {
    for (String table : TABLES) {
      for (int id = 1; id <= ROWS; id++) {
        ledger.begins(new Ledger.Row(table, id), id % GROUPS);
      }
    }
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      int way = i % 4;
      threads.add(Thread.ofVirtual().name("writer-" + i).start(() -> write(way)));
    }
    for (int i = 0; i < readers; i++) {
      boolean isSql = i % 4 == 3;
      threads.add(Thread.ofVirtual().name("reader-" + i).start(() -> read(isSql)));
    }
    for (Node node : nodes) {
      threads.add(Thread.ofVirtual().name("ahead-" + node.name()).start(() -> askAhead(node)));
    }
    try {
      meanwhile.happens(this);
    } finally {
      over = true;
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  /// From now on hardly anybody writes, and readers have found something that they like.
  void lull() {
    lulls.incrementAndGet();
    lullFrom = reads.sum();
    allowed.set(lullFrom);
    isLull = true;
  }

  /// From now on everybody writes what he can.
  void storm() {
    if (isLull) {
      stormFrom = reads.sum();
      isLull = false;
    }
  }

  /// Until as many answers have been read since it became quiet as in the storm before.
  void awaitAsMany(long endNanos) {
    await(2 * lullFrom - stormFrom - reads.sum(), endNanos);
  }

  /// Until all nodes tell of changes in time.
  void awaitFeeds(long endNanos) {
    while (System.nanoTime() < endNanos
        && !nodes.stream().allMatch(node -> node.freshness().isAttached())) {
      LockSupport.parkNanos(5_000_000);
    }
  }

  /// Until so many more answers have been read; gives up when the time is up.
  void await(long more, long endNanos) {
    long goal = reads.sum() + more;
    while (reads.sum() < goal && System.nanoTime() < endNanos) {
      LockSupport.parkNanos(5_000_000);
    }
  }

  /// What happens beside.
  interface Meanwhile {
    void happens(FreshnessChecker checker) throws InterruptedException;
  }

  List<String> violations() {
    return List.copyOf(violations);
  }

  /// How often what happened.
  Map<String, Long> counts() {
    Map<String, Long> out = new TreeMap<>();
    counts.forEach((what, many) -> out.put(what, many.sum()));
    return out;
  }

  void count(String what) {
    count(what, 1);
  }

  /// How often one of the first happened, of all of these.
  double share(List<String> of, List<String> all) {
    Map<String, Long> now = counts();
    double whole = all.stream().mapToLong(what -> now.getOrDefault(what, 0L)).sum();
    return of.stream().mapToLong(what -> now.getOrDefault(what, 0L)).sum() / Math.max(1, whole);
  }

  void count(String what, long many) {
    counts.computeIfAbsent(what, w -> new LongAdder()).add(many);
  }

  /// Some hundreds of each promise are kept.
  private void violated(String what) {
    count("violation");
    LongAdder alike = kinds.computeIfAbsent(what.split(":", 2)[0], kind -> new LongAdder());
    alike.increment();
    if (alike.sum() <= KEPT) {
      violations.add(what + " (seed " + seed + ")");
    }
  }

  // ---- writers ----

  private void write(int way) {
    Rolls rolls = new Rolls(threadSeed.incrementAndGet());
    while (!over) {
      if (!awaitTurn()) {
        continue;
      }
      // Half of them where everybody reads.
      int number = rolls.chance(0.5) ? liked(rolls, ROWS) : rolls.between(1, ROWS);
      Ledger.Row row = new Ledger.Row(rolls.oneOf(TABLES), number);
      int group = rolls.between(0, GROUPS - 1);
      ledger.tries(row, group);
      try {
        switch (way) {
          case 0, 1 -> writeThroughEdge(rolls.oneOf(nodes), row, group);
          case 2 -> {
            Node node = rolls.oneOf(nodes);
            writeBySql(node.gateway(), row, group, node.name());
          }
          default -> writeBySql(direct, row, group, "");
        }
        pause(rolls, 40);
      } catch (IOException | SQLException e) {
        ledger.lostSight(row, group);
        count("writes of unknown end");
        pause(rolls, 200);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /// False where nobody writes just now.
  private boolean awaitTurn() {
    if (!isLull) {
      return true;
    }
    long next = allowed.get();
    if (reads.sum() >= next && allowed.compareAndSet(next, next + READS_TO_A_WRITE)) {
      return true;
    }
    LockSupport.parkNanos(2_000_000);
    return false;
  }

  /// One of those that are asked for most just now.
  private int liked(Rolls rolls, int most) {
    return 1 + (lulls.get() * LIKED + rolls.between(0, LIKED - 1)) % most;
  }

  private void writeThroughEdge(Node node, Ledger.Row row, int group)
      throws IOException, InterruptedException {
    URI uri = URI.create(SHOP + "/change/" + row.table() + "/" + row.id() + "?group=" + group);
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(Duration.ofSeconds(20))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    HttpResponse<String> answer = node.edge().send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      ledger.lostSight(row, group);
      count("writes of unknown end");
      return;
    }
    long version = Long.parseLong(answer.body().split(" ", -1)[1]);
    ledger.happened(row, version, group, 0, node.name());
    count("writes through an edge");
    readThroughEdge(node, row.table(), false, row.id());
  }

  /// @param by the node that promises that everybody whom it serves sees it; empty for none
  private void writeBySql(String url, Ledger.Row row, int group, String by) throws SQLException {
    long version;
    long position;
    try (Connection c = DriverManager.getConnection(url);
        Statement s = c.createStatement()) {
      try (ResultSet r =
          s.executeQuery(
              "update "
                  + row.table()
                  + " set version = version + 1, grp = "
                  + group
                  + " where id = "
                  + row.id()
                  + " returning version")) {
        r.next();
        version = r.getLong(1);
      }
      try (ResultSet r = s.executeQuery("select pg_current_wal_insert_lsn()")) {
        r.next();
        position = LogSequenceNumber.valueOf(r.getString(1)).asLong();
      }
    }
    ledger.happened(row, version, group, position, by);
    count(url.equals(direct) ? "writes to the server itself" : "writes through a gateway");
  }

  // ---- readers ----

  private void read(boolean isSql) {
    Rolls rolls = new Rolls(threadSeed.incrementAndGet());
    Map<String, Connection> connections = new TreeMap<>();
    while (!over) {
      Node node = rolls.oneOf(nodes);
      String table = rolls.oneOf(TABLES);
      boolean isGroup = rolls.chance(isLull ? 0.2 : 0.4);
      boolean isLiked = isLull && rolls.chance(0.9);
      int number =
          isGroup
              ? (isLiked ? liked(rolls, GROUPS) - 1 : rolls.between(0, GROUPS - 1))
              : (isLiked ? liked(rolls, ROWS) : rolls.between(1, ROWS));
      try {
        if (isSql) {
          readBySql(connections, node, table, isGroup, number, rolls.chance(0.5));
        } else if (rolls.chance(0.05)) {
          readChance(node);
        } else {
          readThroughEdge(node, table, isGroup, number);
        }
        reads.increment();
        pause(rolls, 4);
      } catch (IOException | SQLException e) {
        count("reads that failed");
        connections.values().forEach(FreshnessChecker::close);
        connections.clear();
        pause(rolls, 100);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    connections.values().forEach(FreshnessChecker::close);
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      System.getLogger("checker").log(System.Logger.Level.DEBUG, "closing", e);
    }
  }

  private Ledger.Floors floors(Node node) {
    Freshness.AsOf now = node.freshness().asOf();
    return ledger.floors(node.name(), now == null ? 0 : now.position());
  }

  private void readThroughEdge(Node node, String table, boolean isGroup, int number)
      throws IOException, InterruptedException {
    Ledger.Floors floors = floors(node);
    String path = (isGroup ? "/groups/" : "/rows/") + table + "/" + number;
    HttpResponse<String> answer = get(node, path);
    if (answer.statusCode() != 200) {
      count("reads that failed");
      return;
    }
    String status = answer.headers().firstValue("cache-status").orElse("");
    boolean isHit = status.contains("; hit");
    count(isHit ? "reads from an edge's memory" : "reads through an edge");
    check(
        floors,
        node.name() + (isHit ? " from memory " : " ") + path,
        table,
        isGroup,
        number,
        answer.body());
  }

  private HttpResponse<String> get(Node node, String path)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(SHOP + path)).timeout(Duration.ofSeconds(20)).build();
    return node.edge().send(request, HttpResponse.BodyHandlers.ofString());
  }

  /// Somebody expects visitors for what nobody asks for now: what is kept of it counts as well.
  private void askAhead(Node node) {
    Rolls rolls = new Rolls(threadSeed.incrementAndGet());
    while (!over) {
      if (node.inside().warming().isIdle()) {
        List<String> urls = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          String table = rolls.oneOf(TABLES);
          urls.add(
              rolls.chance(0.3)
                  ? SHOP + "/groups/" + table + "/" + rolls.between(0, GROUPS - 1)
                  : SHOP + "/rows/" + table + "/" + rolls.between(1, ROWS));
        }
        var _ = node.inside().warm(urls, 2);
      }
      pause(rolls, 20);
    }
    count("answers made ahead", node.inside().warming().made());
  }

  /// Nothing that chance is in may be stored.
  private void readChance(Node node) throws IOException, InterruptedException {
    HttpResponse<String> answer = get(node, "/chance");
    count("reads of chance");
    if (answer.headers().firstValue("cache-status").orElse("").contains("; hit")) {
      violated("G4 conservative: /chance was served from memory by " + node.name());
    }
  }

  private void readBySql(
      Map<String, Connection> connections,
      Node node,
      String table,
      boolean isGroup,
      int number,
      boolean isOwn)
      throws SQLException {
    Connection connection = connections.get(node.name());
    if (connection == null) {
      connection = DriverManager.getConnection(node.gateway());
      connections.put(node.name(), connection);
    }
    Ledger.Floors floors = floors(node);
    String column = isGroup ? "grp" : "id";
    // Half of them in words of their own, and half as the app asks.
    String from = isOwn ? table + OF_READERS : table;
    String sql = "select id, version, grp from " + from + " where " + column + " = ? order by id";
    String answer = CheckedApp.rows(connection, sql, number);
    count(isOwn ? "reads through a gateway" : "reads through a gateway as the app reads");
    check(
        floors,
        node.name() + " by SQL " + table + " " + column + " " + number,
        table,
        isGroup,
        number,
        answer);
  }

  private void check(
      Ledger.Floors floors,
      String where,
      String table,
      boolean isGroup,
      int number,
      String answer) {
    Set<Integer> present = new HashSet<>();
    for (String line : answer.lines().toList()) {
      String[] words = line.split(" ", -1);
      int id = Integer.parseInt(words[0]);
      present.add(id);
      Ledger.Row row = new Ledger.Row(table, id);
      long version = Long.parseLong(words[1]);
      String broken = floors.broken(row, version);
      if (broken != null) {
        violated(
            broken
                + ": "
                + where
                + " showed version "
                + version
                + " of row "
                + id
                + ", not "
                + floors.of(row));
      }
      if (isGroup && Integer.parseInt(words[2]) != number) {
        violated("wrong answer: " + where + " showed " + line);
      }
    }
    if (isGroup) {
      for (Ledger.Row row : ledger.missing(floors, table, number, present)) {
        violated("G1 or G2: " + where + " did not show row " + row.id());
      }
    } else if (!present.equals(Set.of(number))) {
      violated("wrong answer: " + where + " showed " + answer);
    }
  }

  private static void pause(Rolls rolls, int millisMax) {
    LockSupport.parkNanos(rolls.between(0, millisMax * 1_000) * 1_000L);
  }
}
