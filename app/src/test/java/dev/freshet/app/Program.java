package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The program in a process of its own, as a user starts it.
final class Program implements AutoCloseable {
  private static final int PATIENCE = 90;
  private final Process process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final List<String> seen = new ArrayList<>();

  private Program(Process process) {
    this.process = process;
    Thread.ofVirtual().start(this::read);
  }

  /// @param folder where it is started
  static Program start(Path folder, String... arguments) {
    return start(folder, List.of(), arguments);
  }

  /// @param options for Java
  static Program start(Path folder, List<String> options, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    // It lives for seconds: code compiled twice would take most of its processor time.
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(options);
    command.addAll(
        List.of("-Xmx512m", "-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    Map<String, String> environment = builder.environment();
    environment.remove("FRESHET_TOKEN");
    try {
      return new Program(builder.redirectErrorStream(true).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read() {
    try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      lines.add("its output ended: " + e.getMessage());
    }
  }

  /// The next line that has this in it.
  String line(String part) throws InterruptedException {
    while (true) {
      String line = lines.poll(PATIENCE, TimeUnit.SECONDS);
      if (line == null) {
        throw new AssertionError("no line has '" + part + "' in it: " + seen);
      }
      seen.add(line);
      if (line.contains(part)) {
        return line;
      }
    }
  }

  /// The port at the end of the next line that has this in it.
  int port(String part) throws InterruptedException {
    String line = line(part);
    Matcher digits = Pattern.compile(":(\\d+)$").matcher(line);
    assertThat(digits.find()).as(line).isTrue();
    return Integer.parseInt(digits.group(1));
  }

  /// Sends a signal, named without `SIG`.
  Program signal(String name) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    assertThat(kill.waitFor()).isZero();
    return this;
  }

  /// Waits for its end.
  int exitCode() throws InterruptedException {
    assertThat(process.waitFor(PATIENCE, TimeUnit.SECONDS)).as("it ended: %s", seen).isTrue();
    return process.exitValue();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /// A process inherits what its parent ignores, and a shell can't undo that.
  static boolean isIgnored(String signal) throws IOException, InterruptedException {
    Process shell = new ProcessBuilder("sh", "-c", "kill -" + signal + " $$; echo ignored").start();
    String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    shell.waitFor();
    return said.contains("ignored");
  }
}
