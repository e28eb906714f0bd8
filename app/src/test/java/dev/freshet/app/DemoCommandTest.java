package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.HostPort;
import java.util.List;
import org.junit.jupiter.api.Test;

class DemoCommandTest {
  /// Before anything is started.
  @Test
  void refusesToWarmUpForLessThanNothing() {
    Shell ran = Shell.run("demo", "--warm=-1");
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).contains("--warm -1", "0 or more seconds");
    assertThat(Shell.run("demo", "--help").out()).contains("20 at most");
  }

  @Test
  void whatIsStillSlowIsSaidWithinAHundredColumns() {
    Bottleneck slow =
        new Bottleneck(
            "GET /category/*",
            Bottleneck.Kind.REPEATED_STATEMENT,
            1,
            1,
            1,
            1,
            1,
            "80 % of GET /category/* is one statement, run 24 times a request",
            "fetch what it asks for in one statement (N+1) "
                + "and so on ".repeat(20)
                + "then rest",
            null,
            List.of());
    List<String> said = DemoCommand.slow(List.of(slow), new HostPort("127.0.0.1", 8090));
    assertThat(said)
        .contains("  - 80 % of GET /category/* is one statement, run 24 times a request")
        .anyMatch(line -> line.startsWith("    fetch what it asks for in one statement (N+1)"))
        .anyMatch(line -> line.startsWith("    and so on") || line.startsWith("    so on"))
        .anyMatch(line -> line.endsWith("then rest"))
        .anyMatch(line -> line.endsWith("http://127.0.0.1:8090/#time"))
        .allMatch(line -> line.length() <= 100);
    assertThat(DemoCommand.slow(List.of(), new HostPort("127.0.0.1", 8090)).getFirst())
        .startsWith("No request went to the shop");
  }

  @Test
  void theCardSaysWithWhichIndexes() {
    IndexAdvice one =
        new IndexAdvice("public", "reviews", "product_id", 200_000, 18_000, 1, List.of("a"), "b");
    IndexAdvice two =
        new IndexAdvice("public", "order_items", "product_id", 9, 9, 1, List.of("a"), "b");
    assertThat(DemoIndexes.note(List.of(one, two)))
        .isEqualTo(
            "through Freshet: with the 2 indexes that its report names: reviews (product_id),"
                + " order_items (product_id)");
  }
}
