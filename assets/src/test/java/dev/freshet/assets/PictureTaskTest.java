package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.assets.Refinement.Kind;
import dev.freshet.base.Meters;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureTaskTest {
  private final AtomicLong now = new AtomicLong();

  @Test
  void aPictureForWhichThereWasTooLittleMemoryIsTriedAgainLaterOnly(@TempDir Path folder) {
    Path none = Path.of("/nowhere/libvips.so");
    RefinerConfig config =
        new RefinerConfig(() -> Esbuild.find(null, none), none, null, folder, 1 << 20);
    try (Backlog backlog = new Backlog(1, 9, 1 << 20)) {
      PictureTask task =
          new PictureTask(
              config,
              new Memo(1 << 20),
              backlog,
              new RefinedFigures(new Meters()),
              new Shortage(now::get));
      AtomicInteger tries = new AtomicInteger();
      PictureTask.Making large =
          () -> {
            if (tries.incrementAndGet() == 1) {
              throw new OutOfMemoryError("as a heap that is full");
            }
            return Map.of(Kind.WEBP, new byte[9]);
          };
      assertThat(task.tried("a", 99, large)).isEmpty();
      assertThat(task.isShort()).isTrue();
      assertThat(task.tried("a", 99, large)).isEmpty();
      assertThat(task.begin("/a", new byte[1][9], each -> {})).as("to be asked again").isFalse();
      assertThat(tries).hasValue(1);
      now.addAndGet(Shortage.NANOS);
      assertThat(task.tried("a", 99, large)).as("not taken for hopeless").hasSize(1);
      assertThat(task.tried("a", 99, large)).hasSize(1);
      assertThat(tries).as("known from then on").hasValue(2);
      assertThat(task.isShort()).isFalse();
    }
  }
}
