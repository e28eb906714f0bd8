package dev.freshet.sql;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// Prints the processor time that reading a statement takes: `java ...
/// dev.freshet.sql.StatementSpeed`.
public final class StatementSpeed {
  private static final String[] TEXTS = {
    "select id, name from users where id = $1",
    "SELECT \"users\".* FROM \"users\" WHERE \"users\".\"email\" = 'a@b.c' ORDER BY"
        + " \"users\".\"id\" ASC LIMIT 1",
    "select 1 /*traceparent='00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'*/",
    "select o.id, o.total, u.name from orders o join users u on u.id = o.user_id where o.state in"
        + " (1, 2, 3, 4, 5, 6) and o.created between '2020-01-01' and '2021-01-01' group by o.id,"
        + " u.name having count(*) > 3 order by o.created desc limit 20 offset 40",
  };
  private static final int ROUNDS = 1_000_000;

  private StatementSpeed() {}

  public static void main(String[] args) {
    ThreadMXBean clock = ManagementFactory.getThreadMXBean();
    long sum = 0;
    for (int warm = 0; warm < 3; warm++) {
      for (String text : TEXTS) {
        byte[] sql = text.getBytes(StandardCharsets.UTF_8);
        long begin = clock.getCurrentThreadCpuTime();
        for (int i = 0; i < ROUNDS; i++) {
          sum += Statement.read(sql, 0, sql.length).fingerprint();
        }
        double each = (clock.getCurrentThreadCpuTime() - begin) / (double) ROUNDS;
        System.out.printf(Locale.ROOT, "%d: %.0f ns for %d octets%n", warm, each, sql.length);
      }
    }
    System.out.println(sum);
  }
}
