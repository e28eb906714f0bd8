package dev.freshet.sql;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Prints the processor time that naming an execution's dependencies takes: `java ...
/// dev.freshet.sql.FootprintSpeed`.
public final class FootprintSpeed {
  private static final int ROUNDS = 500_000;

  private FootprintSpeed() {}

  public static void main(String[] args) throws SQLException {
    try (Database database = Database.open()) {
      database.run(
          """
          create table users (id int primary key, name text);
          create table orders (id int primary key, user_id int, placed timestamptz);
          create table items (order_id int, line int, primary key (order_id, line));
          """);
      Catalog catalog = database.catalog();
      List<byte @Nullable []> one = List.of(text("4711"));
      for (int warm = 0; warm < 3; warm++) {
        time(catalog, "select * from users where id = $1", one);
        time(catalog, "select * from users where id = 4711", List.of());
        time(
            catalog,
            "select * from orders o join items i on i.order_id = o.id left join users u"
                + " on u.id = o.user_id where o.id = $1",
            one);
        time(
            catalog,
            "select * from orders where placed = $1",
            List.of(text("2026-01-02 03:04:05.678+01")));
        time(catalog, "select * from users where id in (1, 2, 3, 4, 5, 6, 7, 8, 9)", List.of());
      }
    }
    System.exit(0);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void time(Catalog catalog, String sql, List<byte @Nullable []> values) {
    ThreadMXBean clock = ManagementFactory.getThreadMXBean();
    Footprint made = Footprint.of(Shape.of(sql), catalog, Viewpoint.of("postgres", "public"));
    Footprint.Reads reads = (Footprint.Reads) made;
    Statement statement = Statement.read(sql);
    byte[] bind = Binds.message(false, values);
    int count = 0;
    long begin = clock.getCurrentThreadCpuTime();
    for (int i = 0; i < ROUNDS; i++) {
      count += reads.dependencies(Arguments.of(statement, new int[0], bind, 0)).size();
    }
    double each = (clock.getCurrentThreadCpuTime() - begin) / (double) ROUNDS;
    System.out.printf(Locale.ROOT, "%.0f ns for %d dependencies: %s%n", each, count / ROUNDS, sql);
  }
}
