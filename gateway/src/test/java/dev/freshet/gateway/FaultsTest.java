package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import dev.freshet.base.Meters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/// A log that a hostile server can't fill.
class FaultsTest {

  @Test
  void oneAMinuteIsToldAndAllAreCounted() {
    Logger logger = Logger.getLogger("freshet.gateway");
    List<String> told = new ArrayList<>();
    Handler handler = kept(told);
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try {
      FakeTime time = new FakeTime(0);
      Meters meters = new Meters();
      Faults faults = new Faults(time, meters);
      for (int i = 0; i < 1_000; i++) {
        faults.add(new IllegalStateException("fault " + i));
        time.advance(Duration.ofMillis(100));
      }
      assertThat(told)
          .containsExactly(
              "a gateway connection ended in a fault: fault 0",
              "a gateway connection ended in a fault (599 more since the last that was told):"
                  + " fault 600");
      assertThat(meters.counter("freshet_gateway_faults_total", "").sum()).isEqualTo(1_000);
    } finally {
      logger.removeHandler(handler);
      logger.setUseParentHandlers(true);
    }
  }

  private static Handler kept(List<String> told) {
    return new Handler() {
      @Override
      public void publish(LogRecord line) {
        told.add(line.getMessage() + ": " + line.getThrown().getMessage());
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }
}
