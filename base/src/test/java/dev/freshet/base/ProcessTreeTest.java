package dev.freshet.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProcessTreeTest {
  /// By their outputs, which are at their end when nobody is left who could write there.
  @Test
  void endsAProgramWithAllThatItBegan() throws IOException, InterruptedException {
    // What a shell begins beside itself reads from nowhere unless it is told from where.
    String child = "sh -c 'echo child; read -r nothing' <&3 & ";
    Process process =
        new ProcessBuilder("sh", "-c", "exec 3<&0; " + child + "echo parent; read -r nothing")
            .start();
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      assertThat(out.readLine()).isNotNull();
      assertThat(out.readLine()).isNotNull();
      ProcessTree.end(process);
      assertThat(out.readLine()).isNull();
    }
    assertThat(process.waitFor()).isNotZero();
    assertThat(process.descendants()).isEmpty();
  }
}
