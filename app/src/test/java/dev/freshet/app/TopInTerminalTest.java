package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// `freshet top` in a terminal, which `script` makes: it draws, follows the terminal's size, ends
/// by a key, and leaves the terminal as it was.
@Timeout(120)
class TopInTerminalTest {
  private static final String LOOKS = "\u001b[?1049h";
  private static final String LEAVES = "\u001b[?1049l";
  private static final String FRAME = "\u001b[H";
  private static final Pattern CONTROL = Pattern.compile("\u001b\\[[?\\d;]*[a-zA-Z]");
  private final PlainApp app = new PlainApp().page("/a", "a", "Cache-Control: max-age=600");
  private final Wiring running = start(app.url());
  private final StringBuilder seen = new StringBuilder();

  private static Wiring start(String origin) {
    Settings settings =
        Reading.read("listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: " + origin + "\n");
    return Wiring.start(settings, () -> settings);
  }

  @BeforeEach
  void needsTerminals() throws IOException, InterruptedException {
    assumeThat(Files.isDirectory(Path.of("/dev/pts"))).as("terminals as Linux has them").isTrue();
    assumeThat(Files.isExecutable(Path.of("/usr/bin/script"))).as("script").isTrue();
    assumeThat(Program.isIgnored("INT")).as("who started the tests ignores SIGINT").isFalse();
  }

  @AfterEach
  void close() {
    running.close();
    app.close();
  }

  @Test
  void drawsAndResizesAndEndsByItsKeys() throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String top =
        java
            + " --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -Xmx256m"
            + " -cp \"$CLASSES\" dev.freshet.app.Main top --interval 1 --admin "
            + running.console().address();
    // A handler of its own lets the shell outlive Ctrl-C, which whoever it starts does not inherit.
    String all =
        String.join(
            "; ",
            "trap : INT",
            "tty",
            "stty rows 20 cols 70",
            top,
            "echo ended with $?",
            "stty -a",
            top,
            "echo ended with $?",
            "stty -a",
            "echo over");
    ProcessBuilder script = new ProcessBuilder("/usr/bin/script", "-qfc", all, "/dev/null");
    script.environment().put("CLASSES", System.getProperty("java.class.path"));
    script.environment().put("SHELL", "/bin/sh");
    script.environment().remove("FRESHET_TOKEN");
    Process process = script.redirectErrorStream(true).start();
    try (Reader out = process.inputReader(StandardCharsets.UTF_8)) {
      String terminal = until(out, Pattern.compile("(/dev/pts/\\d+)\\s")).group(1);
      until(out, literally(LOOKS));
      assertThat(frame(out)).contains("ROUTE").contains("Freshet");
      assertThat(widest(frame(out))).isBetween(41, 70);
      resize(terminal, 40);
      while (widest(frame(out)) > 40) {
        assertThat(process.isAlive()).isTrue();
      }
      type(process, 'q');
      until(out, literally(LEAVES));
      assertThat(until(out, Pattern.compile("ended with (\\d+)")).group(1)).isEqualTo("0");
      assertThat(until(out, Pattern.compile("(-?)icanon")).group(1)).isEmpty();
      assertThat(until(out, Pattern.compile("(-?)echo\\b")).group(1)).isEmpty();
      until(out, literally(LOOKS));
      frame(out);
      type(process, 3);
      until(out, literally(LEAVES));
      assertThat(until(out, Pattern.compile("ended with (\\d+)")).group(1)).isEqualTo("130");
      assertThat(until(out, Pattern.compile("(-?)icanon")).group(1)).isEmpty();
      until(out, literally("over"));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static Pattern literally(String text) {
    return Pattern.compile(Pattern.quote(text));
  }

  /// Reads on until that has come; what comes before is gone.
  private Matcher until(Reader out, Pattern wanted) throws IOException {
    char[] room = new char[4_096];
    while (true) {
      Matcher found = wanted.matcher(seen.toString());
      if (found.find()) {
        seen.delete(0, found.end());
        return found;
      }
      int n = out.read(room);
      assertThat(n).as("no %s in %s", wanted, seen).isPositive();
      seen.append(room, 0, n);
    }
  }

  /// The next whole picture.
  private String frame(Reader out) throws IOException {
    until(out, literally(FRAME));
    Matcher rest = until(out, Pattern.compile("(?s)(.*?)\u001b\\[J"));
    return rest.group(1);
  }

  private static int widest(String frame) {
    return CONTROL
        .matcher(frame)
        .replaceAll("")
        .lines()
        .mapToInt(String::length)
        .max()
        .orElseThrow();
  }

  private static void resize(String terminal, int columns)
      throws IOException, InterruptedException {
    Process stty =
        new ProcessBuilder("stty", "-F", terminal, "rows", "10", "cols", "" + columns).start();
    assertThat(stty.waitFor()).isZero();
  }

  private static void type(Process process, int key) throws IOException {
    process.getOutputStream().write(key);
    process.getOutputStream().flush();
  }
}
