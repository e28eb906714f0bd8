package dev.freshet.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.base.Rolls;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Clients come, go, and come back while rows change and the channel's end restarts. Rows are
/// counters: whoever follows one must see it grow, never twice the same and never less, and in the
/// end what it is.
class NothingIsLostTest {
  private static final int ROWS = 6;
  private static final int CLIENTS = 8;
  private static final int STEPS = 600;

  /// A client as the script in the browser is: it remembers what it knows between channels.
  private static final class Follower {
    final Map<String, JsonNode> known = new HashMap<>();
    final Map<String, String> versions = new HashMap<>();
    final List<String> wrong = new ArrayList<>();
    final As as;
    @Nullable Browser browser;
    int told;

    Follower(As as) {
      this.as = as;
    }

    void connect(int port) {
      Browser opened = new Browser(port, "user=u" + hashCode());
      browser = opened;
      StringBuilder have = new StringBuilder();
      StringBuilder urls = new StringBuilder();
      for (int i = 0; i < ROWS; i++) {
        String url = url(i);
        urls.append(i == 0 ? "" : ",").append('"').append(url).append('"');
        if (versions.containsKey(url)) {
          have.append(have.isEmpty() ? "" : ",");
          have.append("\"%s\":\"%s\"".formatted(url, versions.get(url)));
        }
      }
      opened.say(
          "{\"subscribe\":[%s],\"as\":\"%s\",\"have\":{%s}}"
              .formatted(urls, as.name().toLowerCase(java.util.Locale.ROOT), have));
    }

    private String url(int row) {
      return (row % 2 == 0 ? "/rows/r" : "/mine/r") + row;
    }

    int valueOf(int row) {
      JsonNode body = known.get(url(row));
      return body == null ? -1 : body.path("value").asInt(-1);
    }

    boolean isOpen() {
      return browser != null && browser.closeCode() == 0;
    }

    /// Reads what has come; at the end until it knows the truth.
    void listen(@Nullable Map<String, Integer> truth) {
      Browser from = browser;
      if (from == null) {
        return;
      }
      JsonNode event = truth == null ? from.heard.poll() : needed(from, truth);
      while (event != null) {
        hear(event);
        if (event.path("event").asText().equals("closed")) {
          return;
        }
        event = truth == null ? from.heard.poll() : needed(from, truth);
      }
    }

    private @Nullable JsonNode needed(Browser from, Map<String, Integer> truth) {
      if (isTrue(truth)) {
        return null;
      }
      JsonNode next = from.next();
      return next.isEmpty() ? null : next;
    }

    private boolean isTrue(Map<String, Integer> truth) {
      for (int i = 0; i < ROWS; i++) {
        if (valueOf(i) != truth.getOrDefault("r" + i, -1)) {
          return false;
        }
      }
      return true;
    }

    /// Reads until it knows the truth, and comes back where the last restart closed its channel.
    void learnTheTruth(int port, Map<String, Integer> truth) {
      for (int i = 0; i < 3 && !isTrue(truth); i++) {
        if (!isOpen()) {
          listen(null);
          connect(port);
        }
        listen(truth);
      }
    }

    private void hear(JsonNode event) {
      String url = event.path("url").asText();
      switch (event.path("event").asText()) {
        case "subscribed", "body" -> {
          if (event.has("body")) {
            learn(url, event, event.path("body"));
          } else if (!event.path("version").asText().equals(versions.get(url))) {
            wrong.add("no content for a version it does not know: " + event);
          }
        }
        case "patch" -> {
          if (!event.path("from").asText().equals(versions.get(url))) {
            wrong.add("a patch for a state it does not have: " + event);
          }
          learn(
              url,
              event,
              com.flipkart.zjsonpatch.JsonPatch.apply(event.path("patch"), known.get(url)));
        }
        case "closed" -> {}
        case "paused", "resumed" -> {}
        default -> wrong.add("unexpected: " + event);
      }
    }

    private void learn(String url, JsonNode event, JsonNode body) {
      told++;
      JsonNode before = known.put(url, body);
      versions.put(url, event.path("version").asText());
      if (before != null && before.path("value").asInt() >= body.path("value").asInt()) {
        wrong.add("after " + before + " came " + event);
      }
      if (url.startsWith("/mine/") && !body.path("user").asText().equals("u" + hashCode())) {
        wrong.add("another's: " + event);
      }
    }
  }

  @Test
  void overReconnectsAndRestarts() {
    Rolls rolls = new Rolls(20_261_126);
    Map<String, Integer> truth = new HashMap<>();
    List<Follower> followers = new ArrayList<>();
    try (Stage stage = new Stage()) {
      for (int i = 0; i < ROWS; i++) {
        write(stage, truth, "r" + i);
      }
      for (int i = 0; i < CLIENTS; i++) {
        followers.add(new Follower(rolls.chance(0.5) ? As.BODY : As.PATCH));
      }
      for (int step = 0; step < STEPS; step++) {
        Follower one = rolls.oneOf(followers);
        int what = rolls.between(0, 99);
        if (what < 60) {
          write(stage, truth, "r" + rolls.between(0, ROWS - 1));
        } else if (what < 75) {
          one.listen(null);
        } else if (what < 96) {
          reconnect(stage, truth, one, rolls);
        } else if (what < 98) {
          stage.restart();
        } else {
          stage.feed.suspend(true);
          stage.feed.suspend(false);
        }
      }
      for (Follower each : followers) {
        each.learnTheTruth(stage.port(), truth);
        assertThat(each.wrong).as("seed %d", rolls.seed()).isEmpty();
        for (int i = 0; i < ROWS; i++) {
          assertThat(each.valueOf(i))
              .as("%s, seed %d", each.url(i), rolls.seed())
              .isEqualTo(truth.get("r" + i));
        }
      }
      assertThat(followers.stream().mapToInt(f -> f.told).sum()).isGreaterThan(ROWS * CLIENTS);
    } finally {
      followers.forEach(each -> {
        if (each.browser != null) {
          each.browser.close();
        }
      });
    }
  }

  private static void write(Stage stage, Map<String, Integer> truth, String key) {
    int value = truth.merge(key, 1, Integer::sum);
    stage.write(key, Integer.toString(value));
  }

  /// Goes away, perhaps in the middle of everything, and comes back at once or after a write.
  private static void reconnect(
      Stage stage, Map<String, Integer> truth, Follower one, Rolls rolls) {
    Browser old = one.browser;
    if (old != null) {
      if (rolls.chance(0.5)) {
        one.listen(null);
      }
      old.close();
    }
    if (rolls.chance(0.5)) {
      write(stage, truth, "r" + rolls.between(0, ROWS - 1));
    }
    one.connect(stage.port());
    if (rolls.chance(0.5)) {
      write(stage, truth, "r" + rolls.between(0, ROWS - 1));
    }
  }
}
