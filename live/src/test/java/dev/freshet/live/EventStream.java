package dev.freshet.live;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// An event stream read by the JDK's HTTP client.
final class EventStream implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private final HttpResponse<InputStream> response;
  private final BufferedReader lines;
  private String lastId = "";

  EventStream(int port, String query, @Nullable String lastEvent)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/.freshet/live?" + query));
    if (lastEvent != null) {
      request.header("Last-Event-ID", lastEvent);
    }
    response = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
  }

  HttpResponse<InputStream> response() {
    return response;
  }

  /// The next event with data but heartbeats; an empty object at the end.
  JsonNode next() throws IOException {
    String line = lines.readLine();
    while (line != null) {
      if (line.startsWith("id: ")) {
        lastId = line.substring(4);
      } else if (line.startsWith("data: ") && !line.contains("\"event\":\"beat\"")) {
        return JSON.readTree(line.substring(6));
      }
      line = lines.readLine();
    }
    return JSON.createObjectNode();
  }

  /// What a browser would send as `Last-Event-ID`.
  String lastId() {
    return lastId;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
