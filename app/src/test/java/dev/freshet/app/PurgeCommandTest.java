package dev.freshet.app;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.testkit.RawClient;
import dev.freshet.testkit.RedisServer;
import dev.freshet.testkit.ScriptedOrigin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `freshet purge` against a Freshet that runs.
@Timeout(60)
class PurgeCommandTest {
  /// What the test's clients write into `Host`.
  private static final String SITE = "http://shop.test";

  private static final List<String> PATHS = List.of("/a/1", "/a/2", "/b");
  private final PlainApp app = new PlainApp();
  private final Wiring running;
  private final RawClient client;

  PurgeCommandTest() {
    app.page("/a/1", "a1", "Cache-Control: max-age=600", "ETag: \"a1\"", "Cache-Groups: \"all\"")
        .page(
            "/a/2",
            "a2",
            "Cache-Control: max-age=600",
            "ETag: \"a2\"",
            "Cache-Groups: \"all\", \"two\"")
        .page("/b", "b", "Cache-Control: max-age=600", "ETag: \"b\"");
    running = start("");
    client = RawClient.to(running.edge().addresses().getFirst().port());
    PATHS.forEach(client::get);
  }

  @AfterEach
  void close() {
    client.close();
    running.close();
    app.close();
  }

  private Wiring start(String more) {
    return start(app.url(), more);
  }

  private static Wiring start(String origin, String more) {
    Settings settings =
        Reading.read("listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: " + origin + "\n" + more);
    return Wiring.start(settings, () -> settings);
  }

  private static Shell purge(Wiring at, String... arguments) {
    List<String> all = new ArrayList<>(List.of("purge"));
    all.addAll(Arrays.asList(arguments));
    all.addAll(List.of("--admin", at.console().address().toString()));
    return Shell.run(all.toArray(String[]::new));
  }

  private void says(String line, String... arguments) {
    Shell purge = purge(running, arguments);
    assertThat(purge.err()).isEmpty();
    assertThat(purge.out().strip()).isEqualTo(line);
    assertThat(purge.code()).isZero();
  }

  @Test
  void saysWhatRedisHeldOrThatItHasNotHeard() {
    Assumptions.assumeTrue(
        RedisServer.program().isPresent(), "skipped: there is no redis-server on the PATH");
    try (RedisServer redis = RedisServer.start();
        Wiring node = start("redis: { url: \"" + redis.url() + "\", budget: 2s }\n")) {
      try (RawClient visitor = RawClient.to(node.edge().addresses().getFirst().port())) {
        await(() -> node.edge().cacheSnapshot().second().equals("up"), "the second tier");
        PATHS.forEach(visitor::get);
      }
      PATHS.forEach(path ->
          await(() -> redis.command("EXISTS", "freshet:v:" + SITE + path).startsWith(":1"), path));
      Shell one = purge(node, SITE + "/b");
      assertThat(one.out().strip()).isEqualTo("1 forgotten in memory, 1 in Redis");
      Shell hasty = purge(node, "--soft", "--group", "all", "--wait", "0s");
      assertThat(hasty.out().strip())
          .isEqualTo(
              "2 marked stale in memory, and all that Redis held of it (too much to count in"
                  + " --wait)");
      Shell group = purge(node, "--group", "all");
      assertThat(group.out().strip()).isEqualTo("2 forgotten in memory, 2 in Redis");
      Shell rest = purge(node, "--prefix", SITE, "--all");
      assertThat(rest.out().strip()).endsWith(" in memory, 0 in Redis");
      redis.kill();
      Shell away = purge(node, SITE + "/b");
      assertThat(away.out().strip())
          .isEqualTo("0 forgotten; Redis has not heard of it yet: it will be told when it answers");
    }
  }

  /// The paths that the app is asked for again, whole.
  private List<String> forgotten() {
    List<String> out = new ArrayList<>();
    for (String path : PATHS) {
      long before = app.asked(path);
      client.get(path);
      if (app.asked(path) > before && app.asked("304 " + path) == 0) {
        out.add(path);
      }
    }
    return out;
  }

  /// The paths that the app is only asked to confirm.
  private List<String> stale() {
    List<String> out = new ArrayList<>();
    for (String path : PATHS) {
      client.get(path);
      if (app.asked("304 " + path) > 0) {
        out.add(path);
      }
    }
    return out;
  }

  @Test
  void forgetsUrls() {
    says("1 forgotten", SITE + "/a/1");
    assertThat(forgotten()).containsExactly("/a/1");
    says("2 forgotten", SITE + "/a/1", SITE + "/b", SITE + "/never-seen");
    assertThat(forgotten()).containsExactly("/a/1", "/b");
  }

  @Test
  void forgetsWhatBeginsSo() {
    says("2 forgotten", "--prefix", SITE + "/a/");
    assertThat(forgotten()).containsExactly("/a/1", "/a/2");
  }

  @Test
  void forgetsGroups() {
    says("1 forgotten", "--group", "two");
    assertThat(forgotten()).containsExactly("/a/2");
    says("2 forgotten", "--group", "all", "--group", "nobody");
    assertThat(forgotten()).containsExactly("/a/1", "/a/2");
  }

  @Test
  void forgetsEverything() {
    says("3 forgotten", "--all");
    assertThat(forgotten()).isEqualTo(PATHS);
  }

  @Test
  void marksUrlsStaleSoThatTheAppOnlyConfirmsThem() {
    says("1 marked stale", "--soft", SITE + "/a/1");
    assertThat(stale()).containsExactly("/a/1");
    assertThat(client.get("/a/1").field("Cache-Status")).startsWith("freshet; hit");
  }

  @Test
  void marksWhatBeginsSoStale() {
    says("2 marked stale", "--soft", "--prefix", SITE + "/a/");
    assertThat(stale()).containsExactly("/a/1", "/a/2");
  }

  @Test
  void marksGroupsStale() {
    says("2 marked stale", "--soft", "--group", "all");
    assertThat(stale()).containsExactly("/a/1", "/a/2");
  }

  @Test
  void marksEverythingStale() {
    says("3 marked stale", "--soft", "--all");
    assertThat(stale()).isEqualTo(PATHS);
  }

  /// What browsers leave as it is in a path or a query, and `%` alone.
  @ParameterizedTest
  @ValueSource(strings = {"/x|y", "/x^y", "/x\"y", "/x?y=a|b", "/x?y={\"a\":[]}", "/x%y", "/x`<>"})
  void forgetsEveryUrlThatIsServed(String target) {
    String page = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 1\r\n\r\nx";
    try (ScriptedOrigin origin = ScriptedOrigin.answering(page);
        Wiring served = start(origin.url(), "");
        RawClient user = RawClient.to(served.edge().addresses().getFirst().port())) {
      user.get(target);
      assertThat(purge(served, SITE + target).out().strip()).isEqualTo("1 forgotten");
      user.get(target);
      assertThat(purge(served, "--prefix", SITE + target).out().strip()).isEqualTo("1 forgotten");
      user.get(target);
      assertThat(origin.heads()).hasSize(3);
    }
  }

  @Test
  void countsNothingWhereNothingWas() {
    says("0 forgotten", SITE + "/never-seen");
    says("0 forgotten", "--group", "nobody");
    assertThat(forgotten()).isEmpty();
  }

  @Test
  void answersAsJson() {
    Shell purge = purge(running, "--json", "--all");
    assertThat(purge.code()).isZero();
    assertThat(purge.out()).startsWith("{").contains("\"purged\" : 3", "\"soft\" : false");
  }

  @Test
  void refusesAnOrderForNothing() {
    Shell purge = purge(running);
    assertThat(purge.code()).isEqualTo(2);
    assertThat(purge.err())
        .isEqualToIgnoringNewLines(
            "freshet: purge: nothing to purge was named;"
                + " give a URL, --group, --table, --prefix or --all");
    assertThat(purge(running, "--prefix", "").code()).isEqualTo(2);
    assertThat(forgotten()).isEmpty();
  }

  @Test
  void saysThatThereIsNoSuchTable() {
    Shell purge = purge(running, "--table", "nothing");
    assertThat(purge.code()).isEqualTo(2);
    assertThat(purge.err()).contains("there is no table 'nothing'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a/1", "shop.test/a/1", "ftp://shop.test/a", "http://shop.test/a b"})
  void refusesAUrlThatIsNotAsClientsWriteIt(String url) {
    Shell purge = purge(running, SITE + "/b", url);
    assertThat(purge.code()).isEqualTo(2);
    assertThat(purge.err()).contains("'" + url + "' is not absolute", "http://shop.example/a");
    assertThat(forgotten()).as("refused as a whole").isEmpty();
  }

  @Test
  void demandsTheTokenWhereThereIsOne() {
    try (Wiring guarded = start("token: a-secret-of-some-length")) {
      Shell without = purge(guarded, "--all");
      assertThat(without.code()).isEqualTo(2);
      assertThat(without.err()).contains("send the token");
      assertThat(purge(guarded, "--all", "--token", "a-secret-of-some-lengtH").code()).isEqualTo(2);
      assertThat(purge(guarded, "--all", "--token", "a-secret-of-some-length").out())
          .startsWith("0 forgotten");
    }
  }

  @Test
  void saysThatNobodyAnswers() {
    Shell purge = Shell.run("purge", "--all", "--admin", "127.0.0.1:1");
    assertThat(purge.code()).isEqualTo(2);
    assertThat(purge.err())
        .isEqualToIgnoringNewLines(
            "freshet: --admin 127.0.0.1:1: nobody answers there;"
                + " start `freshet run`, or say where its admin API listens");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:port", "a b:80", "my_host:80"})
  void saysThatAnAddressIsNone(String address) {
    Shell purge = Shell.run("purge", "--all", "--admin", address);
    assertThat(purge.code()).isEqualTo(2);
    assertThat(purge.err()).startsWith("freshet: --admin").contains("127.0.0.1:80");
  }

  @Test
  void saysThatSomebodyElseAnswers() {
    app.page("/purge", "<p>hello");
    Shell purge = Shell.run("purge", "--all", "--admin", app.url().replace("http://", ""));
    assertThat(purge.code()).isEqualTo(2);
    assertThat(purge.err()).contains("the answer is not Freshet's");
  }
}
