package dev.freshet.app;

import com.sun.net.httpserver.HttpServer;
import dev.freshet.base.LowPriority;
import dev.freshet.base.ShortTurns;
import dev.freshet.base.Time;
import dev.freshet.gateway.Gateway;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Starts the program, serves requests and statements through it for some seconds and ends: what
/// the AOT cache learns from.
@Command(name = "warm-up", hidden = true)
final class WarmUpCommand implements Callable<Integer> {

  /// By itself long enough for several changes of `Age`.
  @Option(names = "--millis")
  private long millis = 6_000;

  @Override
  public Integer call() throws IOException, InterruptedException, SQLException {
    HttpServer origin =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    answer(origin, "/", 200, "max-age=60");
    answer(origin, "/live", 1_000, "no-store");
    answer(origin, "/large", 30_000, "max-age=60");
    origin.start();
    try (TrainingDatabase database = new TrainingDatabase()) {
      Settings settings = settings(origin.getAddress().getPort(), database.port());
      try (Wiring running = Wiring.start(settings, () -> settings)) {
        train(running, Duration.ofMillis(millis));
      }
      plainly(origin.getAddress().getPort());
    } finally {
      origin.stop(0);
    }
    return 0;
  }

  private static Settings settings(int origin, int database) {
    String to =
        "postgresql://%s:%s@127.0.0.1:%d/%s?sslmode=disable"
            .formatted(
                StatementTraining.USER,
                StatementTraining.PASSWORD,
                database,
                StatementTraining.USER);
    SettingsReader.Flags flags =
        new SettingsReader.Flags(
            "127.0.0.1:0",
            List.of("http://127.0.0.1:" + origin),
            "127.0.0.1:0",
            null,
            null,
            "16MB",
            null,
            null,
            to);
    String text = "listen: 127.0.0.1:0\ngateway: { listen: '127.0.0.1:0' }\n";
    return SettingsReader.read("warm-up", text, flags, name -> null);
  }

  /// From the words to the lines on the terminal, as most start it: what is not among what the
  /// cache remembers is looked for in every jar.
  private static void plainly(int origin) throws IOException, InterruptedException {
    Path nothing = Files.createTempFile("freshet", ".yaml");
    try {
      String[] words = {
        "run",
        "--config",
        nothing.toString(),
        "--origin",
        "http://127.0.0.1:" + origin,
        "--listen",
        "127.0.0.1:0",
        "--admin",
        "127.0.0.1:0"
      };
      Serving serving =
          Objects.requireNonNull(PlainWords.read(new PrintWriter(Writer.nullWriter()), words));
      serving.stop();
      serving.untilStopped();
      LowPriority.giveToCompiler();
      ShortTurns.giveTo("freshet-");
    } finally {
      Files.delete(nothing);
    }
  }

  /// Both at once, as one program does both.
  private static void train(Wiring running, Duration length)
      throws IOException, InterruptedException, SQLException {
    Gateway gateway = Objects.requireNonNull(running.gateway());
    StatementTraining statements = new StatementTraining(gateway.address(), Time.system(), length);
    try (ExecutorService beside = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> asked =
          beside.submit(() -> {
            statements.run();
            return null;
          });
      new Training(running.edge().addresses().getFirst(), Time.system(), length).run();
      asked.get();
    } catch (ExecutionException e) {
      throw new SQLException("the training of statements failed", e);
    }
  }

  private static void answer(HttpServer origin, String path, int lines, String control) {
    byte[] content = "<p>warm</p>".repeat(lines).getBytes(StandardCharsets.UTF_8);
    origin.createContext(
        path,
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.getResponseHeaders().set("Content-Type", "text/html");
          exchange.getResponseHeaders().set("Cache-Control", control);
          exchange.getResponseHeaders().set("ETag", "\"warm\"");
          boolean isHead = exchange.getRequestMethod().equals("HEAD");
          exchange.sendResponseHeaders(200, isHead ? -1 : content.length);
          if (!isHead) {
            exchange.getResponseBody().write(content);
          }
          exchange.close();
        });
  }
}
