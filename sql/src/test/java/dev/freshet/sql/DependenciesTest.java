package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.freshet.base.Rolls;
import dev.freshet.freshness.Comparison;
import dev.freshet.freshness.Dependency;
import dev.freshet.testkit.OtherPostgres;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Random schemas, queries and changes on a real PostgreSQL: when the answer to a query changes, a
/// row must have changed that one of its dependencies names. More cases with
/// `-Ddependencies.cases=1000000`, others with `-Ddependencies.seed`.
class DependenciesTest {
  private static final Duration PATIENT = Duration.ofSeconds(60);
  private static final int QUERIES = 40;
  private static final int CHANGES = 100;
  private static final long CASES = Long.getLong("dependencies.cases", 5_000);
  private static final long OTHER_CASES = 800;
  private static final long SEED = Long.getLong("dependencies.seed", 1);

  private static final Viewpoint READER = Viewpoint.of("postgres", "w, public");

  private static Database database;

  /// A query under watch.
  private static final class Watched {
    private final Reader.Query query;
    private final String name;
    private final Footprint.Reads reads;
    private final Arguments arguments;
    private List<Dependency> dependencies = List.of();
    private List<String> answer = List.of();
    private List<String> now = List.of();
    private List<List<@Nullable String>> rows = List.of();

    Watched(Reader.Query query, String name, Footprint.Reads reads, Arguments arguments) {
      this.query = query;
      this.name = name;
      this.reads = reads;
      this.arguments = arguments;
    }

    void answered(List<List<@Nullable String>> with) {
      rows = with;
      now = sorted(with);
    }

    /// On what the answer at hand depends.
    void depend(@Nullable Rolls leavesOneOut) {
      ShownRows shown = reads.shown(arguments);
      for (List<@Nullable String> row : rows) {
        shown.row(message(row));
      }
      dependencies =
          new ArrayList<>(reads.showsKeys() ? shown.dependencies() : reads.dependencies(arguments));
      if (leavesOneOut != null && !dependencies.isEmpty()) {
        int at = leavesOneOut.between(0, dependencies.size() - 1);
        Dependency left = dependencies.remove(at);
        if (left
                instanceof
                Dependency.Columns(
                    Dependency.Whole of,
                    List<Integer> columns,
                    List<Comparison> comparisons,
                    boolean _)
            && columns.size() + comparisons.size() > 1
            && leavesOneOut.chance(0.5)) {
          boolean isColumn =
              comparisons.isEmpty() || (!columns.isEmpty() && leavesOneOut.chance(0.5));
          dependencies.add(
              isColumn
                  ? new Dependency.Columns(of, columns.subList(1, columns.size()), comparisons)
                  : new Dependency.Columns(
                      of, columns, comparisons.subList(1, comparisons.size())));
        }
      }
    }

    /// As the server sends it.
    private static ByteBuffer message(List<@Nullable String> row) {
      ByteArrayOutputStream octets = new ByteArrayOutputStream();
      try (DataOutputStream out = new DataOutputStream(octets)) {
        out.writeShort(row.size());
        for (String value : row) {
          byte[] text = value == null ? new byte[0] : value.getBytes(StandardCharsets.UTF_8);
          out.writeInt(value == null ? -1 : text.length);
          out.write(text);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return ByteBuffer.wrap(octets.toByteArray());
    }

    boolean isByRows() {
      return dependencies.stream().allMatch(each -> whole(each) instanceof Dependency.Rows);
    }

    boolean isByComparisons() {
      return dependencies.stream()
          .anyMatch(each ->
              each instanceof Dependency.Columns columns && !columns.comparisons().isEmpty());
    }

    boolean isByColumns() {
      return dependencies.stream().anyMatch(each -> each instanceof Dependency.Columns);
    }

    static Dependency.Whole whole(Dependency dependency) {
      return switch (dependency) {
        case Dependency.Columns columns -> columns.of();
        case Dependency.Whole any -> any;
      };
    }

    String execute() {
      List<String> spelled = query.spelled();
      String values = spelled.isEmpty() ? "" : "(" + String.join(", ", spelled) + ")";
      return "execute " + name + values;
    }
  }

  /// What came out.
  private static final class Count {
    private long cases;
    private long changed;
    private long named;
    private long tables;
    private long queries;
    private long refused;
    private long byRows;
    private long changedByRows;
    private long whole;
    private long byColumns;
    private long byComparisons;
    private long byKeys;
    private final List<String> missed = new ArrayList<>();

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%d cases: %d answers changed (%d by rows only), %d were invalidated, %d would"
              + " be by any column, %d by table; %d queries, %d of them by rows only, %d by"
              + " columns, %d by comparisons, %d by the keys they show, %d refused by PostgreSQL",
          cases,
          changed,
          changedByRows,
          named,
          whole,
          tables,
          queries,
          byRows,
          byColumns,
          byComparisons,
          byKeys,
          refused);
    }
  }

  @BeforeAll
  static void begin() throws SQLException {
    database = prepared(Database.open());
  }

  private static Database prepared(Database fresh) throws SQLException {
    fresh.run(
        """
        create extension citext;
        create collation nocase
          (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        create type state as enum ('new', 'old', 'paid');
        set search_path = w, public;
        set timezone = 'Asia/Tokyo';
        set plan_cache_mode = force_generic_plan;
        """);
    return fresh;
  }

  @AfterAll
  static void end() throws SQLException {
    database.close();
  }

  @Test
  @Timeout(value = 1, unit = TimeUnit.HOURS)
  void anAnswerChangesOnlyWithARowThatItsDependenciesName() throws SQLException {
    Count count = new Count();
    for (long seed = SEED; count.cases < CASES; seed++) {
      world(new Rolls(seed), count, false);
      if (!count.missed.isEmpty()) {
        fail("seed %d: %s", seed, count.missed.getFirst());
      }
    }
    System.out.println(count);
    assertThat(count.changed * 50).as("changed answers").isGreaterThan(count.cases);
    assertThat(count.byRows * 12).as("queries by rows").isGreaterThan(count.queries);
    assertThat(count.refused).as("queries refused").isLessThan(3 * count.queries);
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("dev.freshet.testkit.OtherPostgres#archives")
  void theSameHoldsOnOtherVersions(Path archive) throws SQLException, IOException {
    Database usual = database;
    try (EmbeddedPostgres server =
            OtherPostgres.of(archive).setServerConfig("wal_level", "logical").start();
        Database other = Database.open(server)) {
      database = prepared(other);
      Count count = new Count();
      for (long seed = SEED; count.cases < OTHER_CASES; seed++) {
        world(new Rolls(seed), count, false);
      }
      assertThat(count.missed).isEmpty();
      assertThat(count.byRows * 12).as("queries by rows").isGreaterThan(count.queries);
    } finally {
      database = usual;
    }
  }

  @Test
  void aDependencyTooFewIsFoundOut() throws SQLException {
    Count count = new Count();
    for (long seed = SEED; count.cases < 10_000 && count.missed.size() <= 5; seed++) {
      world(new Rolls(seed), count, true);
    }
    assertThat(count.missed).hasSizeGreaterThan(5);
  }

  private static void world(Rolls rolls, Count count, boolean leavesOneOut) throws SQLException {
    World world = new World(rolls, database);
    Catalog catalog = database.catalog();
    List<Watched> watched = new ArrayList<>();
    for (int i = 0; i < QUERIES; i++) {
      Watched one = watch(Reader.query(rolls, world.sources()), "q" + i, catalog, count);
      if (one != null) {
        watched.add(one);
      }
    }
    Rolls without = leavesOneOut ? rolls : null;
    watched.forEach(one -> one.depend(without));
    World.State state = world.state(catalog);
    for (int i = 0; i < CHANGES; i++) {
      world.change();
      World.State now = world.state(catalog);
      List<World.Changed> changes = world.changes(state, now);
      if (!changes.isEmpty()) {
        answer(watched);
        for (Watched one : watched) {
          judge(one, changes, world, catalog, count, without);
        }
      }
      state = now;
    }
    database.run("deallocate all");
  }

  private static @Nullable Watched watch(
      Reader.Query query, String name, Catalog catalog, Count count) throws SQLException {
    String types =
        query.types().isEmpty()
            ? ""
            : query.types().stream()
                .map(type ->
                    type > 1000 && Sort.name(type).equals("unknown")
                        ? element(type) + "[]"
                        : Sort.name(type))
                .collect(Collectors.joining(", ", "(", ")"));
    Watched made;
    try {
      database.run("prepare " + name + types + " as " + query.sql());
      Footprint footprint = Footprint.of(Shape.of(query.sql(), PATIENT), catalog, READER);
      if (!(footprint instanceof Footprint.Reads reads)) {
        return null;
      }
      int[] oids = query.types().stream().mapToInt(Integer::intValue).toArray();
      byte[] bind = Binds.message(query.isBinary(), query.values());
      Arguments arguments = Arguments.of(Statement.read(query.sql()), oids, bind, 0);
      List<Dependency> dependencies = reads.dependencies(arguments);
      made = new Watched(query, name, reads, arguments);
      if (name.endsWith("0")) {
        String other = Blanks.filled(query.sql());
        assertThat(Statement.read(other).fingerprint())
            .isEqualTo(Statement.read(query.sql()).fingerprint());
        Footprint same = Footprint.of(Shape.of(other, PATIENT), catalog, READER);
        assertThat(((Footprint.Reads) same).dependencies(arguments))
            .as("%s by the shape of %s", query.sql(), other)
            .isEqualTo(dependencies);
      }
      made.answered(database.rows(made.execute()));
      made.answer = made.now;
      made.depend(null);
    } catch (SQLException e) {
      count.refused++;
      return null;
    }
    count.queries++;
    count.byRows += made.isByRows() ? 1 : 0;
    count.byColumns += made.isByColumns() ? 1 : 0;
    count.byComparisons += made.isByComparisons() ? 1 : 0;
    count.byKeys += made.reads.showsKeys() ? 1 : 0;
    return made;
  }

  private static String element(int array) {
    for (Sort sort : Sort.values()) {
      if (Sort.array(sort.oid) == array) {
        return Sort.name(sort.oid);
      }
    }
    return "unknown";
  }

  /// Sorted, as without ORDER BY any order would do.
  private static List<String> sorted(List<List<@Nullable String>> rows) {
    return rows.stream().map(List::toString).sorted().toList();
  }

  /// Asks all at once; one by one where one fails, and that one no more: with a cast or a subquery
  /// of two rows it has no answer to compare with.
  private static void answer(List<Watched> watched) throws SQLException {
    try (java.sql.Statement statement = database.connection().createStatement()) {
      StringBuilder all = new StringBuilder();
      watched.forEach(one -> all.append(one.execute()).append(';'));
      statement.execute(all.toString());
      for (Watched one : watched) {
        try (ResultSet result = statement.getResultSet()) {
          one.answered(Database.rows(result));
        }
        statement.getMoreResults();
      }
    } catch (SQLException e) {
      for (Watched one : List.copyOf(watched)) {
        try {
          one.answered(database.rows(one.execute()));
        } catch (SQLException own) {
          watched.remove(one);
        }
      }
    }
  }

  private static void judge(
      Watched one,
      List<World.Changed> changes,
      World world,
      Catalog catalog,
      Count count,
      @Nullable Rolls leavesOneOut) {
    List<String> before = one.answer;
    one.answer = one.now;
    boolean isNamed = changes.stream().anyMatch(row -> isNamed(row, one, catalog));
    boolean isChanged = !one.answer.equals(before);
    count.cases++;
    count.changed += isChanged ? 1 : 0;
    count.changedByRows += isChanged && one.isByRows() ? 1 : 0;
    count.named += isNamed ? 1 : 0;
    count.tables +=
        changes.stream()
                .anyMatch(
                    row -> one.dependencies.stream().anyMatch(d -> d.relation() == row.relation()))
            ? 1
            : 0;
    count.whole +=
        changes.stream()
                .anyMatch(row ->
                    one.dependencies.stream().anyMatch(d -> isHit(row, Watched.whole(d), catalog)))
            ? 1
            : 0;
    if (isChanged && !isNamed) {
      count.missed.add(
          one.query.sql()
              + "\n"
              + one.query.types()
              + one.query.spelled()
              + " binary "
              + one.query.isBinary()
              + "\ndepends on "
              + one.dependencies
              + "\nchanged "
              + changes
              + "\nfrom "
              + before
              + "\nto "
              + one.answer
              + "\nafter "
              + world.story());
    }
    if (isNamed || isChanged) {
      one.depend(leavesOneOut);
    }
  }

  private static boolean isNamed(World.Changed change, Watched one, Catalog catalog) {
    return one.dependencies.stream().anyMatch(each -> isHit(change, each, catalog));
  }

  private static boolean isHit(World.Changed change, Dependency dependency, Catalog catalog) {
    return switch (dependency) {
      case Dependency.Table(long relation) -> relation == change.relation();
      case Dependency.Rows(long relation, int column, String value) ->
          relation == change.relation() && has(change, column, value, catalog);
      case Dependency.Columns(
              Dependency.Whole of,
              List<Integer> columns,
              List<Comparison> comparisons,
              boolean _) -> {
        Set<Integer> updated = change.updated();
        yield isHit(change, of, catalog)
            && (updated == null
                || columns.stream().anyMatch(updated::contains)
                || comparisons.stream()
                    .anyMatch(each ->
                        updated.contains(each.column()) && hasTurned(change, each, catalog)));
      }
    };
  }

  private static boolean hasTurned(World.Changed change, Comparison comparison, Catalog catalog) {
    for (int i = 0; i < change.columns().size(); i++) {
      if (change.columns().get(i).number() == comparison.column()) {
        return catalog.mayTurn(
            change.relation(), comparison, change.row().get(i), change.other().get(i));
      }
    }
    return true;
  }

  private static boolean has(World.Changed change, int column, String value, Catalog catalog) {
    for (int i = 0; i < change.columns().size(); i++) {
      String text = change.row().get(i);
      if (change.columns().get(i).number() == column && text != null) {
        String canonical = catalog.canonical(change.relation(), column, text);
        return canonical == null || canonical.equals(value);
      }
    }
    return false;
  }
}
