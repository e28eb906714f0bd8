package dev.freshet.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A real `redis-server` of this machine, on loopback at a free port, in a directory of its own;
/// can be stopped, frozen and started again at the same port.
public final class RedisServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private final Path program;
  private final Path directory;
  private final int port;
  private final List<String> options;
  private Process process;

  private RedisServer(Path program, List<String> options) throws IOException {
    this.program = program;
    this.options = List.copyOf(options);
    this.directory = Files.createTempDirectory("freshet-redis");
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      this.port = free.getLocalPort();
    }
    this.process = launch();
  }

  /// The program on the PATH, if there is one: tests assume it and are skipped without.
  public static Optional<Path> program() {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(File.pathSeparator, -1))
        .filter(p -> !p.isEmpty())
        .map(p -> Path.of(p, "redis-server"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /// Starts one that keeps nothing on disk, and waits until it answers.
  ///
  /// @param options further command line options, such as `--requirepass`
  public static RedisServer start(String... options) {
    Path program =
        program()
            .orElseThrow(
                () -> new IllegalStateException("no redis-server on the PATH: install it"));
    try {
      return new RedisServer(program, List.of(options));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Starts one that speaks TLS only and asks its clients for no certificate.
  public static RedisServer startWithTls(SelfSigned keys) {
    return start(
        "--tls-cert-file",
        keys.certificate().toString(),
        "--tls-key-file",
        keys.key().toString(),
        "--tls-auth-clients",
        "no");
  }

  public int port() {
    return port;
  }

  public String url() {
    return url("");
  }

  /// @param login as it stands before the `@`, such as `:secret`; empty for none
  public String url(String login) {
    String scheme = options.contains("--tls-cert-file") ? "rediss://" : "redis://";
    return scheme + login + (login.isEmpty() ? "" : "@") + "127.0.0.1:" + port;
  }

  /// Ends it at once, as a crash does.
  public void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  /// Starts it again after [#kill], empty unless its options made it keep its data.
  public void restart() {
    try {
      process = launch();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Stops it from running while its connections stay open.
  public void freeze() {
    signal("STOP");
  }

  /// Ends a [#freeze].
  public void thaw() {
    signal("CONT");
  }

  /// Says one command and returns the first octets of the answer as they came.
  public String command(String... words) {
    StringBuilder said = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      int length = word.getBytes(StandardCharsets.UTF_8).length;
      said.append('$').append(length).append("\r\n").append(word).append("\r\n");
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      socket.setSoTimeout(2_000);
      socket.getOutputStream().write(said.toString().getBytes(StandardCharsets.UTF_8));
      byte[] answer = new byte[65_536];
      int n = socket.getInputStream().read(answer);
      return n < 0 ? "" : new String(answer, 0, n, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Process launch() throws IOException {
    List<String> line = new ArrayList<>();
    line.add(program.toString());
    if (options.contains("--tls-cert-file")) {
      line.addAll(List.of("--port", "0", "--tls-port", Integer.toString(port)));
    } else {
      line.addAll(List.of("--port", Integer.toString(port)));
    }
    line.addAll(List.of("--bind", "127.0.0.1"));
    line.addAll(List.of("--dir", directory.toString(), "--save", "", "--appendonly", "no"));
    line.addAll(options);
    Process started =
        new ProcessBuilder(line)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("redis.log").toFile())
            .start();
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!isListening()) {
      if (!started.isAlive() || System.nanoTime() > end) {
        started.destroyForcibly();
        throw new IOException(
            "redis-server did not start: " + Files.readString(directory.resolve("redis.log")));
      }
      Thread.onSpinWait();
    }
    return started;
  }

  private boolean isListening() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 100);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("redis-server does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    kill();
    Scratch.delete(directory);
  }
}
