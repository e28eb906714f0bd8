package dev.freshet.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.base.Trouble;
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
      "  freshet purge --table products",
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

  @Option(
      names = "--table",
      description = "what is known to be made from its rows; may be repeated")
  private List<String> tables = new ArrayList<>();

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

  @Option(
      names = "--wait",
      paramLabel = "TIME",
      description = "for counting what Redis held (${DEFAULT-VALUE}); the purge holds at once")
  private String wait = "1m";

  @Option(names = "--json", description = "print the answer as JSON")
  private boolean asJson;

  @Override
  public Integer call() throws InterruptedException {
    boolean isNamed = !urls.isEmpty() || !groups.isEmpty() || !tables.isEmpty();
    if (!isNamed && prefix == null && !all) {
      throw new Trouble.Found(
          new Trouble(
              "purge",
              "nothing to purge was named",
              "give a URL, --group, --table, --prefix or --all"));
    }
    Duration patience = Durations.flag("--wait", wait);
    JsonNode said;
    try (AdminApi api = AdminApi.at(admin, token)) {
      said = api.post("/purge", order(patience), patience);
    }
    if (!said.has("purged")) {
      throw new Trouble.Found(
          new Trouble("purge", "the answer is not Freshet's", "correct the command"));
    }
    spec.commandLine().getOut().println(asJson ? said.toPrettyString() : line(said));
    return 0;
  }

  private static String line(JsonNode said) {
    return said.path("purged").asText()
        + (said.path("soft").asBoolean() ? " marked stale" : " forgotten")
        + secondTier(said.path("secondTier"));
  }

  private static String secondTier(JsonNode said) {
    if (said.isMissingNode()) {
      return "";
    }
    if (!said.path("knows").asBoolean()) {
      return "; Redis has not heard of it yet: it will be told when it answers";
    }
    return said.path("urls").isNumber()
        ? " in memory, " + said.path("urls").asText() + " in Redis"
        : " in memory, and all that Redis held of it (too much to count in --wait)";
  }

  private Map<String, Object> order(Duration patience) {
    Map<String, Object> order = new LinkedHashMap<>();
    order.put("urls", urls);
    order.put("groups", groups);
    order.put("tables", tables);
    if (prefix != null) {
      order.put("prefix", prefix);
    }
    order.put("all", all);
    order.put("soft", soft);
    order.put("wait", patience.toSeconds());
    return order;
  }
}
