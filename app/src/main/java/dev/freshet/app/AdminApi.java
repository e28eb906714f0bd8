package dev.freshet.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.base.HostPort;
import dev.freshet.base.Trouble;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The admin API of a running Freshet, as commands ask it; whatever goes wrong is a [Trouble].
final class AdminApi implements AutoCloseable {
  /// For an answer that takes no time to speak of.
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final HostPort at;
  private final @Nullable String token;
  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3)).build();

  private AdminApi(HostPort at, @Nullable String token) {
    this.at = at;
    this.token = token;
  }

  /// @param admin what `--admin` says
  /// @param token what `--token` says; null for `FRESHET_TOKEN`
  static AdminApi at(String admin, @Nullable String token) {
    try {
      String secret = token != null ? token : System.getenv("FRESHET_TOKEN");
      return new AdminApi(HostPort.parse(admin, 8090), secret);
    } catch (IllegalArgumentException e) {
      throw new Trouble.Found(
          new Trouble("--admin", String.valueOf(e.getMessage()), "correct the flag"));
    }
  }

  HostPort address() {
    return at;
  }

  JsonNode get(String target) throws InterruptedException {
    return send(target, PATIENCE, request -> request.GET());
  }

  JsonNode post(String target, Object content) throws InterruptedException {
    return post(target, content, Duration.ZERO);
  }

  /// @param longer how much longer than others the answer may take
  JsonNode post(String target, Object content, Duration longer) throws InterruptedException {
    String text;
    try {
      text = json.writeValueAsString(content);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an order is plain records", e);
    }
    return send(
        target,
        PATIENCE.plus(longer),
        request ->
            request
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(text)));
  }

  /// Completes a request.
  private interface Method {
    HttpRequest.Builder on(HttpRequest.Builder request);
  }

  /// What isn't JSON.
  String text(String target) throws InterruptedException {
    HttpResponse<String> answer = ask(target, PATIENCE, request -> request.GET());
    return answer.statusCode() == 200 ? answer.body() : read(target, answer).toString();
  }

  private JsonNode send(String target, Duration patience, Method method)
      throws InterruptedException {
    return read(target, ask(target, patience, method));
  }

  private HttpResponse<String> ask(String target, Duration patience, Method method)
      throws InterruptedException {
    try {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create("http://" + at + target)).timeout(patience);
      if (token != null) {
        request.header("Authorization", "Bearer " + token);
      }
      return client.send(method.on(request).build(), HttpResponse.BodyHandlers.ofString());
    } catch (IllegalArgumentException e) {
      throw new Trouble.Found(
          new Trouble(
              "--admin " + at,
              "this can't be asked for (" + e.getMessage() + ")",
              "write it like 127.0.0.1:8090, and the token without spaces"));
    } catch (IOException e) {
      throw new Trouble.Found(
          new Trouble(
              "--admin " + at,
              "nobody answers there",
              "start `freshet run`, or say where its admin API listens"));
    }
  }

  private JsonNode read(String target, HttpResponse<String> answer) {
    JsonNode said;
    try {
      said = json.readTree(answer.body());
    } catch (JsonProcessingException e) {
      said = json.createObjectNode();
    }
    List<Trouble> told = new ArrayList<>();
    for (JsonNode one : said.path("troubles")) {
      told.add(
          new Trouble(
              one.path("place").asText(), one.path("cause").asText(), one.path("remedy").asText()));
    }
    if (!told.isEmpty()) {
      throw new Trouble.Found(told);
    }
    if (answer.statusCode() != 200 || !said.isObject() || said.isEmpty()) {
      throw new Trouble.Found(
          new Trouble(
              "--admin " + at + target,
              said.path("error").asText("the answer is not Freshet's"),
              "correct the command"));
    }
    return said;
  }

  @Override
  public void close() {
    client.close();
  }
}
