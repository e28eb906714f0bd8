package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

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
}
