package dev.freshet.gateway;

import dev.freshet.base.Rolls;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A client that says things at random, of which each is allowed and most make sense.
final class Chatter {
  /// The same rows for everybody.
  static final String LAYS =
      "delete from menu; insert into menu select n, 'dish ' || n, n from generate_series(1, 5) n";

  /// What comes again may be answered from memory.
  static final List<String> KEPT =
      List.of("select id, price from menu order by id", "select dish from menu where id = 2");

  private static final List<String> READS =
      List.of(
          "select 1 as one",
          "select dish from menu where id = 2",
          "select id, price from menu order by id",
          "select count(*) from menu",
          "select n from generate_series(1, 4) n",
          "show datestyle",
          "select date '2020-02-01'",
          // In order: where the server puts a new row is its own affair.
          "table menu order by id",
          "copy (select id from menu order by id) to stdout",
          "");

  private static final List<String> WRITES =
      List.of(
          "insert into menu values (7, 'seven', 7)",
          "insert into menu values (1, 'again', 1)",
          "update menu set price = price + 1 where id = 2",
          "update menu set price = 9 where id = 3 returning price",
          "delete from menu where id = 4");

  private static final List<String> WRONG =
      List.of("select 1 / 0", "selec", "select nothing", "select * from nowhere");

  private static final List<String> CONTROL =
      List.of(
          "begin",
          "begin read only",
          "begin isolation level read committed read only",
          "commit",
          "rollback",
          "end",
          "savepoint s",
          "rollback to s",
          "release s");

  private static final List<String> SESSION =
      List.of(
          "set datestyle to 'German'",
          "set datestyle to 'YMD'",
          "set datestyle to default",
          "set local datestyle to 'SQL'",
          "reset datestyle",
          "reset all",
          "deallocate a",
          "deallocate prepare \"b\"",
          "deallocate all",
          "discard all",
          "discard plans",
          "prepare q as select price from menu where id = 2",
          "execute q",
          "deallocate q",
          "declare c cursor for select id from menu order by id",
          "declare h cursor with hold for select id from menu order by id",
          "fetch 2 from c",
          "fetch 1 from h",
          "move 1 in c",
          "close c",
          "close all");

  private static final List<String> BOUND =
      List.of(
          "select $1::int + 1",
          "select dish from menu where id = $1",
          "select 12 / $1::int",
          "update menu set price = $1 where id = 5",
          "insert into menu values ($1, 'bound', 0) returning id");

  private static final List<String> NAMES = List.of("", "", "a", "b");
  private static final List<String> PORTALS = List.of("", "", "", "p");

  private final Rolls rolls;

  Chatter(Rolls rolls) {
    this.rolls = rolls;
  }

  /// What is said at once.
  ///
  /// @param ends tags one of which ends the answer; empty where there is none
  @SuppressWarnings("ArrayRecordComponent")
  record Line(String shown, String ends, byte[] octets) {
    boolean isSync() {
      return shown.equals("Sync");
    }

    /// The portal that it runs or asks about; null for none.
    @Nullable String portal() {
      if (shown.startsWith("Execute(")) {
        return shown.substring(8, shown.indexOf(','));
      }
      return shown.startsWith("Describe(P ") ? shown.substring(11, shown.length() - 1) : null;
    }

    boolean isQuery() {
      return shown.startsWith("Query(");
    }

    @Override
    public String toString() {
      return shown;
    }
  }

  /// Each is sent in one go, and its answers are heard before the next.
  List<List<Line>> steps() {
    List<List<Line>> out = new ArrayList<>();
    for (int n = rolls.between(3, 14); n > 0; n--) {
      List<Line> step = new ArrayList<>();
      for (int m = rolls.between(0, 5); m > 0; m--) {
        add(step, said());
      }
      add(step, List.of(rolls.chance(0.85) ? sync() : query()));
      out.add(step);
      if (rolls.chance(0.1)) {
        Line read = query(KEPT.getFirst());
        List<Line> bound = List.of(parse("", KEPT.getLast()), bind(""), execute("", 0), sync());
        out.addAll(List.of(List.of(read), bound, List.of(read), bound, List.of(read), bound));
      }
    }
    return out;
  }

  /// A query is said behind a Sync, and a portal named behind its Bind only: in the middle of other
  /// messages, or in a transaction that has failed, PostgreSQL 18 itself gets lost over these.
  private static void add(List<Line> step, List<Line> lines) {
    for (Line line : lines) {
      Line before = step.isEmpty() ? null : step.getLast();
      boolean isBehind = before == null || before.isSync() || before.isQuery();
      if (line.isQuery() && !isBehind) {
        step.add(sync());
      }
      if (line.portal() == null || isBound(step, line.portal())) {
        step.add(line);
      }
    }
  }

  /// Since the last Sync.
  private static boolean isBound(List<Line> step, String portal) {
    for (Line line : step.reversed()) {
      if (line.isSync() || line.isQuery()) {
        return false;
      }
      if (line.shown().startsWith("Bind(" + portal + ":")) {
        return true;
      }
    }
    return false;
  }

  private List<Line> said() {
    return switch (rolls.between(0, 13)) {
      case 0, 1 -> List.of(query());
      case 2 -> List.of(sync());
      case 3 -> List.of(new Line("Flush", "", Say.flush()));
      case 4, 5 -> List.of(parse());
      case 6 -> List.of(bind());
      case 7 -> List.of(describe());
      case 8 -> List.of(execute());
      case 9 -> List.of(close());
      case 10 -> copy();
      default -> List.of(parse("", text()), bind(""), describePortal(), execute(""));
    };
  }

  private String text() {
    return switch (rolls.between(0, 9)) {
      case 0 -> rolls.oneOf(WRONG);
      case 1, 2 -> rolls.oneOf(CONTROL);
      case 3 -> rolls.oneOf(WRITES);
      case 4, 5 -> rolls.oneOf(SESSION);
      default -> rolls.oneOf(READS);
    };
  }

  private Line query() {
    List<String> script = new ArrayList<>(List.of(text()));
    for (int n = rolls.chance(0.15) ? rolls.between(1, 3) : 0; n > 0; n--) {
      script.add(text());
    }
    boolean isScript = script.stream().noneMatch(Chatter::isNamed);
    return query(isScript ? String.join("; ", script) : script.getFirst());
  }

  /// By a name that only the gateway knows it by: one of several statements in a query must not.
  private static boolean isNamed(String sql) {
    return sql.startsWith("deallocate") && !sql.endsWith("all") && !sql.endsWith("q");
  }

  private static Line query(String sql) {
    return new Line("Query(" + sql + ")", "Z", Say.query(sql));
  }

  private static Line sync() {
    return new Line("Sync", "Z", Say.sync());
  }

  private Line parse() {
    return parse(rolls.oneOf(NAMES), rolls.chance(0.4) ? rolls.oneOf(BOUND) : text());
  }

  private static Line parse(String name, String sql) {
    return new Line("Parse(" + name + ": " + sql + ")", "1E", Say.parse(name, sql));
  }

  private Line bind() {
    String portal = rolls.oneOf(PORTALS);
    String name = rolls.oneOf(NAMES);
    String[] values =
        rolls.chance(0.5)
            ? new String[] {rolls.oneOf(List.of("0", "2", "5", "none"))}
            : new String[0];
    return new Line(
        "Bind(" + portal + ": " + name + String.join(",", values) + ")",
        "2E",
        Say.bind(portal, name, values));
  }

  private static Line bind(String name) {
    return new Line("Bind(: " + name + ")", "2E", Say.bind("", name));
  }

  private Line describe() {
    return rolls.chance(0.5) ? describePortal() : describe('S', rolls.oneOf(NAMES));
  }

  private Line describePortal() {
    return describe('P', rolls.oneOf(PORTALS));
  }

  private static Line describe(char kind, String name) {
    return new Line("Describe(" + kind + " " + name + ")", "TnE", Say.describe(kind, name));
  }

  private Line execute() {
    return execute(rolls.oneOf(PORTALS));
  }

  private Line execute(String portal) {
    return execute(portal, rolls.chance(0.8) ? 0 : rolls.between(1, 3));
  }

  private static Line execute(String portal, int rows) {
    return new Line("Execute(" + portal + ", " + rows + ")", "CIsE", Say.execute(portal, rows));
  }

  private Line close() {
    char kind = rolls.chance(0.7) ? 'S' : 'P';
    String name = rolls.oneOf(kind == 'S' ? NAMES : PORTALS);
    return new Line("Close(" + kind + " " + name + ")", "3E", Say.close(kind, name));
  }

  /// Under a name that nobody else uses: who runs it has rows at hand.
  private List<Line> copy() {
    String sql = "copy menu (id, dish) from stdin";
    byte[] rows = Say.copyData(rolls.between(1, 30) + "\tcopied\n");
    byte[] more = Say.copyData(rolls.chance(0.2) ? "wrong\n" : rolls.between(31, 60) + "\tmore\n");
    byte[] ends = rolls.chance(0.8) ? Say.copyDone() : Say.copyFail("no more");
    String name = "copies";
    if (rolls.chance(0.5)) {
      return List.of(
          new Line("Query(" + sql + ")", "Z", Say.all(Say.query(sql), rows, more, ends)));
    }
    byte[] runs = Say.all(Say.execute(name, 0), rows, more, ends);
    return List.of(
        new Line("Close(S copies)", "3E", Say.close('S', name)),
        new Line("Close(P copies)", "3E", Say.close('P', name)),
        parse(name, sql),
        new Line("Bind(copies: copies)", "2E", Say.bind(name, name)),
        new Line("Execute(copies, 0)", "CIsE", runs));
  }
}
