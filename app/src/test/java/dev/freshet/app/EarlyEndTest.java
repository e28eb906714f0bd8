package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EarlyEndTest {
  @TempDir private Path folder;

  /// A browser that Ctrl-C ended, too, may be noticed before the interrupt.
  @Test
  void whatIsToldIsNotBrokenOffByAnInterruptThatNobodyNoticed() throws IOException {
    EarlyEnd end = new EarlyEnd(Thread.currentThread());
    assertThat(end.ask()).isTrue();
    assertThat(end.isAsked()).isTrue();
    end.close();
    assertThat(Files.writeString(folder.resolve("report.json"), "{}")).hasContent("{}");
  }

  @Test
  void whoAsksDuringTheTellingInterruptsNobodyAndWhoAsksAgainDoesNotWait() {
    EarlyEnd end = new EarlyEnd(Thread.currentThread());
    end.close();
    assertThat(end.ask()).isTrue();
    assertThat(Thread.interrupted()).isFalse();
    assertThat(end.ask()).isFalse();
  }
}
