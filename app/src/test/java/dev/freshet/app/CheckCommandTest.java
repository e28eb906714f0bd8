package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.assets.Assets;
import dev.freshet.assets.Esbuild;
import dev.freshet.assets.Refiner;
import dev.freshet.assets.RefinerConfig;
import dev.freshet.base.Meters;
import dev.freshet.testkit.RedisServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `freshet check`: what the app's own headers allow, what is missing, and which rule would change
/// it.
@Timeout(120)
class CheckCommandTest {
  @TempDir private Path folder;
  private final PlainApp app = new PlainApp();

  @AfterEach
  void close() {
    app.close();
  }

  private Shell check(String... paths) {
    String[] all = new String[paths.length + 3];
    all[0] = "check";
    all[1] = "--origin";
    all[2] = app.url();
    System.arraycopy(paths, 0, all, 3, paths.length);
    return Shell.run(all);
  }

  @Test
  void saysByWhatPicturesAreMadeSmallerWithoutALibvips() {
    Path none = folder.resolve("libvips.so");
    RefinerConfig config =
        new RefinerConfig(() -> Esbuild.find(none, folder), none, null, folder, 0);
    try (Refiner refiner = new Assets(new Meters(), page -> {}).refiner(config, new Meters())) {
      Finding found = Checkup.pictures(refiner);
      assertThat(found.level()).isEqualTo(Finding.Level.NOTE);
      assertThat(found.text())
          .contains("not as small as they could be", "by Java")
          .endsWith("jpeg");
      assertThat(found.remedy()).contains("libvips42");
    }
  }

  @Test
  void saysWhatIsStoredAndWhyOtherThingsAreNot() {
    app.page("/stored", "s", "Cache-Control: max-age=60")
        .page("/bare", "b")
        .page("/no-store", "n", "Cache-Control: no-store")
        .page("/private", "p", "Cache-Control: private, max-age=60")
        .page("/cookie", "c", "Cache-Control: max-age=60", "Set-Cookie: seen=1");
    Shell check = check("/stored", "/bare", "/no-store", "/private", "/cookie");
    assertThat(check.err()).isEmpty();
    assertThat(check.out().lines())
        .contains(
            "ok   origin " + app.url() + ": answers",
            "note /bare: 200, not stored: the response names no lifetime"
                + " (Cache-Control: max-age)",
            "note /no-store: 200, not stored: the response says no-store",
            "note /private: 200, not stored: the response says private",
            "note /cookie: 200, not stored: the response sets a cookie")
        .anyMatch(line -> line.startsWith("ok   /stored: 200, stored: freshet; hit; ttl="));
    assertThat(check.code()).isZero();
  }

  @Test
  void followsTheLinksOfTheFirstPage() {
    app.page(
            "/",
            "<a href='/b?x=1&amp;y=2'>b</a><img src=\"/c.png\"><a href='http://elsewhere/d'>d</a>"
                + "<a href='/b#part'>part</a><a href='#e'>e</a>",
            "Cache-Control: max-age=60")
        .page("/b", "b", "Cache-Control: max-age=60")
        .page("/c.png", "c", "Cache-Control: max-age=60");
    assertThat(check().out().lines().map(line -> line.replaceAll(": 200.*", "")))
        .contains("ok   /", "ok   /b?x=1&y=2", "ok   /c.png")
        .noneMatch(line -> line.contains("/d"));
  }

  /// The sin of ordinary shops: a session for every visitor, on everything.
  @Test
  void findsTheSessionCookieThatKeepsEverythingOutAndTheRuleAgainstIt() throws IOException {
    String session = "Set-Cookie: JSESSIONID=1; Path=/";
    app.page("/", "<link href='/static/app.css'>", "Cache-Control: max-age=60", session)
        .page("/static/app.css", "a{}", "Cache-Control: max-age=60", session);
    Shell sinful = check();
    assertThat(sinful.code()).isZero();
    assertThat(sinful.out())
        .contains(
            "note /: 200, not stored: the response sets a cookie",
            "note /static/app.css: 200, not stored: the response sets a cookie",
            "note cookies: a cookie on responses that look the same for everybody keeps them",
            "    routes:\n      - match: /static/**\n        share: public\n        ttl: 1h");

    String remedy = sinful.out().substring(sinful.out().indexOf("    routes:")).indent(-4);
    Path file = Files.writeString(folder.resolve("freshet.yaml"), remedy);
    Shell mended = check("--config", file.toString());
    assertThat(mended.out())
        .contains(
            "note /: 200, not stored: the response sets a cookie",
            "ok   /static/app.css: 200, stored: freshet; hit");
  }

  @Test
  void fallsShortWhereTheAppCannotBeReached() {
    String gone = app.url();
    app.close();
    Shell check = check();
    assertThat(check.code()).isEqualTo(1);
    assertThat(check.out())
        .startsWith("FAIL origin " + gone + ": can't be reached at 127.0.0.1:")
        .contains("    start it, or correct the address");
  }

  @Test
  void fallsShortWhereRedisCannotBeReached() {
    app.page("/", "a", "Cache-Control: max-age=60");
    Shell check = check("--redis", "redis://127.0.0.1:1", "/");
    assertThat(check.code()).isEqualTo(1);
    assertThat(check.out())
        .contains("FAIL redis: can't be used at 127.0.0.1:1 (", "refused", "ok   /: 200, stored");
  }

  @Test
  void fallsShortWhereRedisDoesNotLetItIn() {
    Assumptions.assumeTrue(
        RedisServer.program().isPresent(), "skipped: there is no redis-server on the PATH");
    app.page("/", "a", "Cache-Control: max-age=60");
    try (RedisServer redis = RedisServer.start("--requirepass", "secret")) {
      Shell refused = check("--redis", redis.url(":other"), "/");
      assertThat(refused.code()).isEqualTo(1);
      assertThat(refused.out())
          .contains("FAIL redis: can't be used at 127.0.0.1:" + redis.port() + " (WRONGPASS");
      Shell let = check("--redis", redis.url(":secret"), "/");
      assertThat(let.out()).contains("ok   redis: answers");
      assertThat(let.code()).isZero();
    }
  }

  @Test
  void refusesAWrongConfigurationBeforeItAsksAnybody() throws IOException {
    Path file = Files.writeString(folder.resolve("freshet.yaml"), "lisen: 127.0.0.1:0\n");
    Shell check = check("--config", file.toString());
    assertThat(check.code()).isEqualTo(2);
    assertThat(check.out()).isEmpty();
    assertThat(check.err())
        .isEqualToIgnoringNewLines(
            "freshet: freshet.yaml:1 lisen: is not a key; did you mean `listen`?");
    assertThat(app.wasLeftAlone()).isTrue();
  }

  @Test
  void refusesWhatIsNotAPath() {
    Shell check = check("/", "products", "http://127.0.0.1/a");
    assertThat(check.code()).isEqualTo(2);
    assertThat(check.err().lines())
        .containsExactly(
            "freshet: 'products': is not a path; begin it with a slash",
            "freshet: 'http://127.0.0.1/a': is not a path; begin it with a slash");
    assertThat(app.wasLeftAlone()).isTrue();
  }

  @Test
  void printsFindingsAsJson() throws JsonProcessingException {
    app.page("/a", "a", "Cache-Control: no-store");
    Shell check = check("--json", "/a");
    assertThat(check.code()).isZero();
    JsonNode findings = new ObjectMapper().readTree(check.out()).path("findings");
    assertThat(findings).hasSizeGreaterThanOrEqualTo(2);
    JsonNode origin = findings.get(0);
    assertThat(origin.path("level").asText()).isEqualTo("GOOD");
    assertThat(origin.path("place").asText()).isEqualTo("origin " + app.url());
    assertThat(origin.path("text").asText()).isEqualTo("answers");
    JsonNode last = findings.get(findings.size() - 1);
    assertThat(last.path("level").asText()).isEqualTo("NOTE");
    assertThat(last.path("place").asText()).isEqualTo("/a");
    assertThat(last.path("text").asText()).contains("the response says no-store");
    assertThat(last.path("remedy").isTextual()).isTrue();
    app.close();
    Shell gone = check("--json", "/a");
    assertThat(gone.code()).isEqualTo(1);
    assertThat(new ObjectMapper().readTree(gone.out()).path("findings").get(0).path("level"))
        .hasToString("\"WRONG\"");
  }

  @Test
  void leavesTheConfiguredAddressesAlone() throws IOException {
    app.page("/a", "a", "Cache-Control: max-age=60");
    try (ServerSocket taken = new ServerSocket(0)) {
      String busy = "127.0.0.1:" + taken.getLocalPort();
      assertThat(check("--listen", busy, "--admin", busy, "/a").code()).isZero();
    }
  }
}
