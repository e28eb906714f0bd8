package dev.freshet.app;

import com.sun.net.httpserver.HttpServer;
import dev.freshet.base.Time;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Starts the program, serves requests through it for some seconds and ends: what the AOT cache
/// learns from.
@Command(name = "warm-up", hidden = true)
final class WarmUpCommand implements Callable<Integer> {

  /// By itself long enough for several changes of `Age`.
  @Option(names = "--millis")
  private long millis = 4_000;

  @Override
  public Integer call() throws IOException, InterruptedException {
    // How the words of `run` are read is a third of what it does before it listens.
    Main.commandLine("run").parseArgs("run", "--origin", "http://127.0.0.1:1");
    HttpServer origin =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    answer(origin, "/", 200, "max-age=60");
    answer(origin, "/live", 1_000, "no-store");
    answer(origin, "/large", 30_000, "max-age=60");
    origin.start();
    SettingsReader.Flags flags =
        new SettingsReader.Flags(
            "127.0.0.1:0",
            List.of("http://127.0.0.1:" + origin.getAddress().getPort()),
            "127.0.0.1:0",
            null,
            null,
            "16MB",
            null,
            null,
            null);
    Settings settings =
        SettingsReader.read("warm-up", "listen: 127.0.0.1:0\n", flags, name -> null);
    try (Wiring running = Wiring.start(settings, () -> settings)) {
      new Training(running.edge().addresses().getFirst(), Time.system(), Duration.ofMillis(millis))
          .run();
    } finally {
      origin.stop(0);
    }
    return 0;
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
