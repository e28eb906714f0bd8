package dev.freshet.assets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.Trouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EsbuildTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final byte[] NOTHING = {};
  @TempDir private Path folder;

  @Test
  void unpacksOnceAndMinifiesWhatItIsGiven() throws IOException, InterruptedException {
    Esbuild first = Esbuild.find(null, folder);
    Object file = Files.getAttribute(first.program(), "unix:ino");

    Esbuild second = Esbuild.find(null, folder);
    Esbuild.Ran ran =
        second.run(
            List.of("--minify", "--loader=css"),
            folder,
            "a { color: #ff0000; }\n".getBytes(UTF_8),
            LIMIT);

    assertThat(ran.err()).isEmpty();
    assertThat(ran.isGood()).isTrue();
    assertThat(new String(ran.out(), UTF_8).strip()).isEqualTo("a{color:red}");
    assertThat(second.program()).isEqualTo(first.program());
    assertThat(Files.getAttribute(second.program(), "unix:ino")).isEqualTo(file);
  }

  @Test
  void mendsACopyThatIsNotWhole() throws IOException {
    Path program = Esbuild.find(null, folder).program();
    byte[] whole = Files.readAllBytes(program);
    Files.write(program, new byte[] {1, 2, 3});

    assertThat(Esbuild.find(null, folder).program()).isEqualTo(program).hasBinaryContent(whole);
  }

  @Test
  void leavesNothingHalfWhenManyUnpackAtOnce() throws IOException {
    var all =
        IntStream.range(0, 4)
            .mapToObj(i -> CompletableFuture.supplyAsync(() -> Esbuild.find(null, folder)))
            .toList();
    List<Path> programs = all.stream().map(CompletableFuture::join).map(Esbuild::program).toList();

    assertThat(programs.stream().distinct()).hasSize(1);
    try (var files = Files.list(programs.getFirst().getParent())) {
      assertThat(files).containsExactly(programs.getFirst());
    }
  }

  @Test
  void passesOnWhatTheProgramSaysOfAnError() throws InterruptedException {
    Esbuild.Ran ran =
        Esbuild.find(null, folder)
            .run(List.of("--loader=js"), folder, "let = = 1".getBytes(UTF_8), LIMIT);

    assertThat(ran.isGood()).isFalse();
    assertThat(ran.err()).contains("<stdin>:1");
  }

  @Test
  void endsAProgramThatTakesTooLong() throws IOException {
    Path sleeper = folder.resolve("esbuild");
    Files.writeString(sleeper, "#!/bin/sh\nexec sleep 600\n");
    Files.setPosixFilePermissions(sleeper, PosixFilePermissions.fromString("rwx------"));
    Esbuild slow = Esbuild.find(sleeper, folder);

    assertThatThrownBy(() -> slow.run(List.of(), folder, NOTHING, Duration.ofMillis(1)))
        .isInstanceOf(Trouble.Found.class)
        .hasMessageContaining("was ended");
  }

  @Test
  void endsWhatTheProgramStartedToo() throws IOException {
    Path wrapper = folder.resolve("esbuild");
    Path number = folder.resolve("number");
    Files.writeString(wrapper, "#!/bin/sh\nsleep 600 &\necho $! > number\nwait\n");
    Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwx------"));
    Esbuild slow = Esbuild.find(wrapper, folder);
    Duration limit = Duration.ofMillis(500);
    do {
      assertThatThrownBy(() -> slow.run(List.of(), folder, NOTHING, limit))
          .isInstanceOf(Esbuild.TookTooLong.class);
    } while (!Files.exists(number) || Files.size(number) == 0);
    long child = Long.parseLong(Files.readString(number).strip());
    ProcessHandle.of(child).ifPresent(handle -> handle.onExit().join());
    assertThat(ProcessHandle.of(child).filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  void saysInItsOwnWordsThatItPrintsTooMuch() throws IOException {
    Path talker = folder.resolve("esbuild");
    Files.writeString(talker, "#!/bin/sh\nexec head -c 70000000 /dev/zero\n");
    Files.setPosixFilePermissions(talker, PosixFilePermissions.fromString("rwx------"));
    Esbuild loud = Esbuild.find(talker, folder);
    assertThatThrownBy(() -> loud.run(List.of(), folder, NOTHING, LIMIT))
        .isInstanceOf(Trouble.Found.class)
        .hasMessageContaining("64 MB");
  }

  @Test
  void saysTheWayOutWhereThereIsNone() {
    assertThatThrownBy(() -> Esbuild.find(folder.resolve("missing"), folder))
        .isInstanceOf(Trouble.Found.class)
        .hasMessageContaining("node_modules/.bin/esbuild");
  }

  @Test
  void namesThePlatformThatNoneComesAlongFor() {
    assertThatThrownBy(() -> Esbuild.find(null, folder, "sunos-sparc"))
        .isInstanceOf(Trouble.Found.class)
        .hasMessage(
            "esbuild: none comes along for sunos-sparc; install one (npm install esbuild) and name"
                + " it by --esbuild PATH or in ESBUILD");
  }

  @Test
  void namesPlatformsAsNpmDoes() {
    assertThat(Esbuild.platform("Linux", "amd64")).isEqualTo("linux-x64");
    assertThat(Esbuild.platform("Linux", "aarch64")).isEqualTo("linux-arm64");
    assertThat(Esbuild.platform("Mac OS X", "aarch64")).isEqualTo("darwin-arm64");
    assertThat(Esbuild.platform("Windows 11", "amd64")).isEqualTo("win32-x64");
  }
}
