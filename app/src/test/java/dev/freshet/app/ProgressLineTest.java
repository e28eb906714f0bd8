package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private final FakeTime time = new FakeTime(0);
  private final StringWriter out = new StringWriter();

  private String said(boolean isTerminal) {
    ProgressLine progress = new ProgressLine(new PrintWriter(out), isTerminal, time);
    for (int i = 1; i <= 21; i++) {
      time.advance(Duration.ofSeconds(1));
      progress.at(i + " of 30");
    }
    progress.end("30 of 30");
    return out.toString().replace(System.lineSeparator(), "\n");
  }

  @Test
  void aFileGetsALineEachTenSeconds() {
    assertThat(said(false)).isEqualTo("10 of 30\n20 of 30\n30 of 30\n");
  }

  @Test
  void aTerminalGetsOneLineInItsPlace() {
    assertThat(said(true))
        .startsWith("\r1 of 30\u001b[K\r2 of 30\u001b[K")
        .endsWith("\r21 of 30\u001b[K\r30 of 30\u001b[K\n");
  }
}
