package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How the scripts find a JDK 25 or newer, with folders that merely look like JDKs.
@Timeout(60)
class JdkSearchTest {
  /// What the scripts call before there is a JDK.
  private static final List<String> TOOLS = List.of("readlink");

  @TempDir private Path folder;

  private record Said(int code, String out, String err) {}

  /// A folder like an unpacked JDK's.
  private Path jdk(String name, String version) throws IOException {
    Path home = folder.resolve(name);
    Files.createDirectories(home.resolve("bin"));
    executable(home.resolve("bin/javac"), "exit 99");
    Files.writeString(
        home.resolve("release"),
        "IMPLEMENTOR=\"Nobody\"\nJAVA_VERSION=\"%s\"\nOS_ARCH=\"any\"\n".formatted(version));
    return home;
  }

  private static void executable(Path file, String line) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + line + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  /// A PATH with the scripts' tools and without any JDK.
  private Path tools() throws IOException {
    Path bin = Files.createDirectories(folder.resolve("tools"));
    for (String tool : TOOLS) {
      executable(bin.resolve(tool), "exec '" + whole(tool) + "' \"$@\"");
    }
    return bin;
  }

  private static Path whole(String tool) {
    return Stream.of("/usr/bin", "/bin", "/usr/local/bin", "/opt/homebrew/bin")
        .map(place -> Path.of(place, tool))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow();
  }

  private Said bash(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        Stream.concat(Stream.of(whole("bash").toString()), Stream.of(arguments)).toList();
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().put("PATH", tools().toString());
    builder.environment().put("FRESHET_JDK_PLACES", folder.resolve("nowhere").toString());
    builder.environment().putAll(environment);
    builder.redirectError(folder.resolve("err.txt").toFile());
    Process bash = builder.start();
    String out = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = bash.waitFor();
    return new Said(code, out.strip(), Files.readString(folder.resolve("err.txt")).strip());
  }

  private Said find(Map<String, String> environment) throws IOException, InterruptedException {
    Path script = Checkout.root().resolve("app/src/main/sh/jdk.sh");
    return bash(environment, "-c", "set -euo pipefail; . '" + script + "'; find_jdk");
  }

  private void finds(Path home, Map<String, String> environment)
      throws IOException, InterruptedException {
    Said said = find(environment);
    assertThat(said.err()).isEmpty();
    assertThat(said.out()).isEqualTo(home.toString());
    assertThat(said.code()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "25, true", "25.0.1, true", "25-ea, true", "26.0.2, true", "100, true",
    "24.0.2, false", "1.8.0_402, false", "2.5, false", "'', false", "nonsense, false"
  })
  void takesJavaHomeFrom25On(String version, boolean isTaken)
      throws IOException, InterruptedException {
    Path home = jdk("jdk", version);
    Said said = find(Map.of("JAVA_HOME", home.toString()));
    assertThat(said.out()).isEqualTo(isTaken ? home.toString() : "");
    assertThat(said.code()).isEqualTo(isTaken ? 0 : 1);
    assertThat(said.err()).isEmpty();
  }

  @Test
  void passesOverAnOlderJavaHome() throws IOException, InterruptedException {
    Path old = jdk("old", "17.0.9");
    Path right = jdk("places/right", "25.0.1");
    finds(right, Map.of("JAVA_HOME", old.toString(), "FRESHET_JDK_PLACES", folder + "/places/*"));
  }

  @Test
  void prefersJavaHomeToPathAndPathToPlaces() throws IOException, InterruptedException {
    Path first = jdk("first", "25");
    Path second = jdk("second", "26");
    Path third = jdk("third", "27");
    String path = second.resolve("bin") + ":" + tools();
    String places = third.toString();
    finds(first, Map.of("JAVA_HOME", first.toString(), "PATH", path, "FRESHET_JDK_PLACES", places));
    finds(second, Map.of("PATH", path, "FRESHET_JDK_PLACES", places));
    finds(third, Map.of("FRESHET_JDK_PLACES", places));
  }

  @Test
  void takesTheFirstPlaceThatIsNewEnough() throws IOException, InterruptedException {
    Path old = jdk("places/a-old", "21");
    Path first = jdk("places/b-first", "25");
    jdk("places/c-second", "26");
    finds(first, Map.of("FRESHET_JDK_PLACES", folder.resolve("places") + "/*"));
    finds(first, Map.of("FRESHET_JDK_PLACES", old + " " + first));
  }

  @Test
  void followsSymbolicLinksFromPathHome() throws IOException, InterruptedException {
    Path home = jdk("real", "25.0.1");
    Path alternatives = Files.createDirectories(folder.resolve("alternatives"));
    Path bin = Files.createDirectories(folder.resolve("bin"));
    Files.createSymbolicLink(alternatives.resolve("javac"), home.resolve("bin/javac"));
    Files.createSymbolicLink(bin.resolve("javac"), Path.of("../alternatives/javac"));
    finds(home, Map.of("PATH", bin + ":" + tools()));
  }

  @Test
  void passesOverAShimThatIsNoJdk() throws IOException, InterruptedException {
    Path shims = Files.createDirectories(folder.resolve("shims/bin"));
    executable(shims.resolve("javac"), "exit 99");
    Path home = jdk("home", "25");
    finds(home, Map.of("PATH", shims + ":" + tools(), "FRESHET_JDK_PLACES", home.toString()));
  }

  @Test
  void passesOverARuntimeWithoutACompiler() throws IOException, InterruptedException {
    Path runtime = jdk("runtime", "25");
    Files.delete(runtime.resolve("bin/javac"));
    assertThat(find(Map.of("JAVA_HOME", runtime.toString())).code()).isEqualTo(1);
  }

  @Test
  void takesAHomeWithSpacesInItsName() throws IOException, InterruptedException {
    Path home = jdk("Java Machines/jdk 25", "25");
    finds(home, Map.of("JAVA_HOME", home.toString()));
  }

  @Test
  void canDoWithoutAHomeFolder() throws IOException, InterruptedException {
    Said said = find(Map.of("FRESHET_JDK_PLACES", ""));
    assertThat(said.err()).isEmpty();
  }

  @Test
  void saysOneClearSentenceWhereThereIsNone() throws IOException, InterruptedException {
    Path old = jdk("old", "21.0.1");
    Said said =
        bash(
            Map.of("JAVA_HOME", old.toString()),
            Checkout.root().resolve("freshet").toString(),
            "run");
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.out()).isEmpty();
    assertThat(said.err())
        .isEqualTo(
            "freshet: Java 25 or newer is needed and was not found: install a JDK 25"
                + " (for example Temurin 25) or point JAVA_HOME at one.");
  }

  @Test
  void findsItsOwnFolderThroughALink() throws IOException, InterruptedException {
    Path link = folder.resolve("link");
    Files.createSymbolicLink(link, Checkout.root().resolve("freshet"));
    Said said = bash(Map.of(), link.toString(), "run");
    Files.delete(link);
    assertThat(said.err()).startsWith("freshet: Java 25 or newer is needed");
  }
}
