package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import dev.freshet.base.Meters;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// Texts that clients prepare are shared, within bounds.
class StatementsTest {
  private static final byte[] NO_TYPES = {};
  private static final int LONG = 100_000;

  private final Statements statements = new Statements(() -> null);
  private final SessionWork work;

  StatementsTest() {
    FakeTime time = new FakeTime(0);
    work =
        new SessionWork(
            time, new Workload(0, new Shapes(Runnable::run), trace -> null, new Meters()));
  }

  private SharedStatement of(String sql) {
    byte[] octets = sql.getBytes(StandardCharsets.UTF_8);
    return statements.of(octets, NO_TYPES, SessionSettings.NONE, work);
  }

  private static String text(int n, int length) {
    return "select " + n + ", '" + "x".repeat(length) + "'";
  }

  /// A program that puts values into long texts prepares another one each time.
  @Test
  void longTextsThatNeverComeAgainDoNotFillTheMemory() {
    SharedStatement common = of("select 1");
    for (int n = 0; n < 2_000; n++) {
      of(text(n, LONG));
      assertThat(of("select 1")).as("used all the time").isSameAs(common);
    }
    assertThat(statements.octets()).isLessThanOrEqualTo(2 * Texts.MAX_OCTETS);
    SharedStatement last = of(text(1_999, LONG));
    assertThat(last).as("of late").isSameAs(of(text(1_999, LONG)));
    assertThat(of(text(0, LONG)).number()).as("long ago").isGreaterThan(last.number());
  }

  @Test
  void oneThatIsTooLongIsNotKeptAndPushesOutNobody() {
    SharedStatement common = of("select 1");
    String huge = text(0, (int) Texts.MAX_WEIGHT);
    SharedStatement first = of(huge);
    assertThat(of(huge)).isNotSameAs(first);
    assertThat(of(huge).recurs()).isFalse();
    assertThat(of("select 1")).isSameAs(common);
    assertThat(statements.octets()).isLessThan(10_000);
  }
}
