package dev.freshet.app;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// Starts the program, serves a few requests through it and ends: what the AOT cache learns its
/// classes from.
@Command(name = "warm-up", hidden = true)
final class WarmUpCommand implements Callable<Integer> {

  @Override
  public Integer call() throws IOException, InterruptedException {
    HttpServer origin =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    origin.createContext(
        "/",
        exchange -> {
          byte[] content = "<p>warm</p>".repeat(200).getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "text/html");
          exchange.getResponseHeaders().set("Cache-Control", "max-age=60");
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content);
          exchange.close();
        });
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
    try (Wiring running = Wiring.start(settings, () -> settings);
        HttpClient client = HttpClient.newHttpClient()) {
      for (int i = 0; i < 50; i++) {
        HttpRequest request =
            HttpRequest.newBuilder(
                    URI.create("http://" + running.edge().addresses().getFirst() + "/" + i % 5))
                .version(HttpClient.Version.HTTP_1_1)
                .header("Accept-Encoding", i % 2 == 0 ? "gzip" : "br")
                .build();
        client.send(request, HttpResponse.BodyHandlers.ofByteArray());
      }
    } finally {
      origin.stop(0);
    }
    return 0;
  }
}
