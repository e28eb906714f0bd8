package dev.freshet.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// Who gives way to whom.
@EnabledOnOs(OS.LINUX)
class LowPriorityTest {
  private static final Path THREADS = Path.of("/proc/self/task");

  /// proc(5): the 19th field, the 17th behind the name.
  private static String nice(Path thread) throws IOException {
    String stat = Files.readString(thread.resolve("stat"));
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16];
  }

  /// Of the compiler's threads, by what Linux keeps of their names.
  private static List<String> ofCompiler() throws IOException {
    List<String> out = new ArrayList<>();
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
      for (Path thread : threads) {
        if (Files.readString(thread.resolve("comm")).matches("C[12] CompilerThre\\s*")) {
          out.add(nice(thread));
        }
      }
    }
    return out;
  }

  @Test
  void whatCompilesTheProgramGoesBehindWhatRunsIt() throws IOException {
    String own = nice(Path.of("/proc/thread-self"));
    int given = LowPriority.giveToCompiler();
    assertThat(given).isPositive();
    assertThat(ofCompiler()).hasSizeGreaterThanOrEqualTo(given).containsOnly("5");
    assertThat(nice(Path.of("/proc/thread-self"))).isEqualTo(own);
  }

  @Test
  void whatNobodyWaitsForIsTheNicest() throws InterruptedException, ExecutionException {
    CompletableFuture<String> seen = new CompletableFuture<>();
    Thread thread =
        LowPriority.threads("behind")
            .newThread(() -> {
              try {
                seen.complete(nice(Path.of("/proc/thread-self")));
              } catch (IOException e) {
                seen.completeExceptionally(e);
              }
            });
    assertThat(thread.isDaemon()).isTrue();
    assertThat(thread.getName()).isEqualTo("behind");
    thread.start();
    assertThat(seen.get()).isEqualTo("19");
  }
}
