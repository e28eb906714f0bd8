package dev.freshet.app;

import com.fasterxml.jackson.core.JsonProcessingException;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `freshet purge`.
@Command(
    name = "purge",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Makes a running Freshet forget stored responses, and says how many.",
      "",
      "  freshet purge http://shop.example/product/7",
      "  freshet purge --group products --soft",
      "  freshet purge --prefix http://shop.example/static/",
      "  freshet purge --all",
      ""
    })
final class PurgeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "URL", arity = "0..*", description = "absolute, as clients use it")
  private List<String> urls = new ArrayList<>();

  @Option(
      names = "--group",
      description = "a name from Cache-Groups, Surrogate-Key or Cache-Tag; may be repeated")
  private List<String> groups = new ArrayList<>();

  @Option(names = "--prefix", description = "every URL that begins so")
  private @Nullable String prefix;

  @Option(names = "--all", description = "everything")
  private boolean all;

  @Option(names = "--soft", description = "mark stale instead of forgetting")
  private boolean soft;

  @Option(names = "--admin", paramLabel = "HOST:PORT", description = "(${DEFAULT-VALUE})")
  private String admin = "127.0.0.1:8090";

  @Option(names = "--token", description = "the admin API's token; better: FRESHET_TOKEN")
  private @Nullable String token;

  @Option(names = "--json", description = "print the answer as JSON")
  private boolean asJson;

  @Override
  public Integer call() throws InterruptedException {
    if (urls.isEmpty() && groups.isEmpty() && prefix == null && !all) {
      throw new Trouble.Found(
          new Trouble(
              "purge", "nothing to purge was named", "give a URL, --group, --prefix or --all"));
    }
    HttpResponse<String> answer = send();
    Map<?, ?> said;
    try {
      said = new ObjectMapper().readValue(answer.body(), Map.class);
    } catch (JsonProcessingException e) {
      said = Map.of();
    }
    if (answer.statusCode() != 200 || !said.containsKey("purged")) {
      Object error = said.get("error");
      throw new Trouble.Found(
          new Trouble(
              "purge",
              error == null ? "the answer is not Freshet's" : error.toString(),
              "correct the command"));
    }
    spec.commandLine().getOut().println(asJson ? answer.body().strip() : line(said));
    return 0;
  }

  private static String line(Map<?, ?> said) {
    Object second = said.get("secondTier");
    return said.get("purged")
        + (Boolean.TRUE.equals(said.get("soft")) ? " marked stale" : " forgotten")
        + (second == null ? "" : ", " + second + " in the second tier");
  }

  private HostPort address() {
    try {
      return HostPort.parse(admin, 8090);
    } catch (IllegalArgumentException e) {
      throw new Trouble.Found(
          new Trouble("--admin", String.valueOf(e.getMessage()), "correct the flag"));
    }
  }

  private HttpResponse<String> send() throws InterruptedException {
    HostPort at = address();
    Map<String, Object> order = new LinkedHashMap<>();
    order.put("urls", urls);
    order.put("groups", groups);
    if (prefix != null) {
      order.put("prefix", prefix);
    }
    order.put("all", all);
    order.put("soft", soft);
    String secret = token != null ? token : System.getenv("FRESHET_TOKEN");
    try (HttpClient client =
        HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3)).build()) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create("http://" + at + "/purge"))
              .timeout(Duration.ofSeconds(30))
              .header("Content-Type", "application/json")
              .POST(
                  HttpRequest.BodyPublishers.ofString(
                      new ObjectMapper().writeValueAsString(order)));
      if (secret != null) {
        request.header("Authorization", "Bearer " + secret);
      }
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
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
}
