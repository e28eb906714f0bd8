package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class BuildWatchTest {
  @TempDir private Path folder;

  @Test
  void buildsAgainWhatChangesAlsoAfterAMistakeAndEndsWhenTold()
      throws IOException, InterruptedException, ExecutionException {
    FrontEnd front = FrontEnd.copy(folder);
    BlockingQueue<String> heard = new LinkedBlockingQueue<>(100);
    BuildWatch watch =
        new BuildWatch(
            new AssetBuild(Esbuild.find(null, folder.resolve("programs")), null, line -> {}),
            front.config().withCoded(false),
            new BuildWatch.Listener() {
              @Override
              public void built(AssetBuild.Result result, BuildWatch.Turn turn) {
                assertThat(turn.millis()).isNotNegative();
                heard.add("built " + result.report().entries().size() + " " + turn.why());
              }

              @Override
              public void failed(BuildFailed failure) {
                heard.add(failure.complaints().getFirst().trouble().place());
              }

              @Override
              public void troubled(Trouble.Found trouble) {
                heard.add(trouble.getMessage());
              }
            },
            Time.system());
    CompletableFuture<String> end = new CompletableFuture<>();
    Thread watching =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                watch.run();
              } catch (InterruptedException e) {
                end.complete("told");
              } catch (IOException e) {
                end.completeExceptionally(e);
              }
            });

    assertThat(heard.take()).isEqualTo("built 3 ");
    front.append("src/shown.ts", "let = = 1;\n");
    assertThat(heard.take()).startsWith("src/shown.ts:7:");
    front.write("src/shown.ts", "export const shown = (name: string) => name + \" again\";\n");
    assertThat(heard.take()).isEqualTo("built 3 src/shown.ts");
    assertThat(front.files().values()).anyMatch(text -> text.contains("\" again\""));
    Files.delete(front.source().resolve("src/shown.ts"));
    assertThat(heard.take()).startsWith("src/main.ts:");
    front.write("src/shown.ts", "export const shown = (name: string) => name;\n");
    assertThat(heard.take()).isEqualTo("built 3 src/shown.ts");

    watching.interrupt();
    assertThat(end.get()).isEqualTo("told");
    assertThat(front.out().resolve(".freshet/stage")).doesNotExist();
  }

  @Test
  void aPageInAnotherEncodingIsAMistakeLikeAnyOther() throws IOException {
    FrontEnd front = FrontEnd.copy(folder);
    Files.write(front.source().resolve("strange.html"), new byte[] {(byte) 0xff});
    assertThatThrownBy(() -> Entries.find(front.config()))
        .isInstanceOf(BuildFailed.class)
        .hasMessageContaining("strange.html: is not UTF-8");
  }

  @Test
  void aFileThatGoesWhileItsFolderIsReadIsNoTrouble() throws IOException {
    FrontEnd front = FrontEnd.copy(folder);
    Path one = Files.writeString(front.source().resolve("src/one.ts"), "");
    Path other = Files.writeString(front.source().resolve("src/other.ts"), "");
    List<Path> seen = new ArrayList<>();
    Entries.eachFile(
        front.config(),
        file -> {
          if (file.equals(one) || file.equals(other)) {
            seen.add(file);
            // Its name has been read by then, with all names of the folder.
            delete(file.equals(one) ? other : one);
          }
        });
    assertThat(seen).hasSize(1);
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
