package dev.freshet.integrations;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// An app in its own process, which says `listening PORT` once it does.
final class App implements AutoCloseable {
  private static final int LINES_BEFORE_IT_LISTENS = 1_000;
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Process process;
  private final int port;

  private App(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /// @param environment beside what this process has
  static App start(Path directory, Map<String, String> environment, List<String> line) {
    try {
      Path log = Files.createTempFile("freshet-app", ".log");
      log.toFile().deleteOnExit();
      ProcessBuilder build = new ProcessBuilder(line).directory(directory.toFile());
      build.environment().putAll(environment);
      Process started = build.redirectError(log.toFile()).start();
      BufferedReader out = started.inputReader();
      for (int i = 0; i < LINES_BEFORE_IT_LISTENS; i++) {
        String said = out.readLine();
        if (said == null) {
          break;
        }
        if (said.startsWith("listening ")) {
          Thread.ofVirtual().start(() -> out.lines().forEach(more -> {}));
          return new App(started, Integer.parseInt(said.substring("listening ".length()).strip()));
        }
      }
      started.destroyForcibly();
      throw new IllegalStateException(line + " did not listen: " + Files.readString(log));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Asks without waiting; what comes is the status and the content.
  CompletableFuture<String> ask(String path, String... fields) {
    return ask(port, path, fields);
  }

  /// As [#start], for an app that is told where to listen and does not say when it does.
  static App startAt(int port, Path directory, Map<String, String> environment, List<String> line) {
    try {
      ProcessBuilder build = new ProcessBuilder(line).directory(directory.toFile());
      build.environment().putAll(environment);
      build.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
      Process started = build.start();
      while (!isListening(port)) {
        if (!started.isAlive()) {
          throw new IllegalStateException(line + " did not listen");
        }
        Thread.onSpinWait();
      }
      return new App(started, port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isListening(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 100);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  int port() {
    return port;
  }

  static CompletableFuture<String> ask(int port, String path, String... fields) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(30));
    if (fields.length > 0) {
      request.headers(fields);
    }
    return CLIENT
        .sendAsync(request.build(), HttpResponse.BodyHandlers.ofString())
        .thenApply(answer -> answer.statusCode() + " " + answer.body());
  }

  /// What a program prints that ends by itself.
  static String output(Map<String, String> environment, List<String> line) {
    try {
      ProcessBuilder build = new ProcessBuilder(line).redirectErrorStream(true);
      build.environment().putAll(environment);
      return new String(build.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    List<ProcessHandle> workers = process.descendants().toList();
    process.destroy();
    workers.forEach(ProcessHandle::destroy);
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
