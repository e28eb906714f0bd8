package dev.freshet.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The page needs nothing but the console, and its policy lets nothing else in.
@Timeout(60)
class PageTest {
  private final Desk desk = new Desk();

  @AfterEach
  void close() {
    desk.close();
  }

  private static List<String> all(String regex, String text) {
    List<String> out = new ArrayList<>();
    Matcher found = Pattern.compile(regex, Pattern.DOTALL).matcher(text);
    while (found.find()) {
      out.add(found.group(1));
    }
    return out;
  }

  private static Map<String, List<String>> policy(Desk.Reply reply) {
    Map<String, List<String>> out = new LinkedHashMap<>();
    for (String directive : reply.field("Content-Security-Policy").split(";", -1)) {
      List<String> words = Arrays.asList(directive.strip().split(" ", -1));
      out.put(words.getFirst(), words.subList(1, words.size()));
    }
    return out;
  }

  private static String hash(String text) throws NoSuchAlgorithmException {
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
  }

  @Test
  void loadsNothingFromElsewhere() {
    String page = desk.get("/").text();
    assertThat(page).startsWith("<!doctype html>").doesNotContain("://", "@import", "url(");
    assertThat(all("(<(?:link|img|iframe|object|embed|base)\\b)", page)).isEmpty();
    assertThat(all("(\\b(?:src|action|formaction)\\s*=)", page)).isEmpty();
    assertThat(all("href\\s*=\\s*(.{3})", page)).isNotEmpty().allMatch(s -> s.matches("\"[/#]\\w"));
  }

  @Test
  void everythingItNamesIsThere() {
    String page = desk.get("/").text();
    List<String> named = all("href=\"([^\"]*)\"", page);
    named.addAll(all("get\\('(/[a-z]+)", page));
    assertThat(named).contains("/metrics", "/status", "/routes", "/pool", "/bottlenecks");
    named.removeIf(name -> name.startsWith("#"));
    for (String target : named) {
      assertThat(desk.get(target).status()).as(target).isEqualTo(200);
    }
  }

  @Test
  void namesTheOrdersThatAreTaken() {
    String page = desk.get("/").text();
    List<String> orders = all("<code>POST (/[a-z]+)</code>", page);
    assertThat(orders).contains("/purge", "/reload", "/optimize", "/pause", "/resume");
    for (String order : orders) {
      assertThat(desk.get(order).status()).as(order).isEqualTo(405);
    }
  }

  /// Every element that is filled in is there.
  @Test
  void whatItDrawsHasItsPlace() {
    String page = desk.get("/").text();
    List<String> drawn = all("(?:\\$\\('#|(?:fill|beside|say|press)\\(\\s*')(\\w+)", page);
    assertThat(drawn).contains("routes", "tiles", "pool", "origins", "reload");
    assertThat(all("\\sid=\"(\\w+)\"", page)).containsAll(drawn);
  }

  @Test
  void onlyItsOwnScriptAndStyleMayRun() throws NoSuchAlgorithmException {
    Desk.Reply reply = desk.get("/");
    Map<String, List<String>> policy = policy(reply);
    List<String> scripts = all("<script>(.*?)</script>", reply.text());
    List<String> styles = all("<style>(.*?)</style>", reply.text());
    assertThat(scripts).hasSize(1);
    assertThat(styles).hasSize(1);
    assertThat(policy.get("script-src")).containsExactly(hash(scripts.getFirst()));
    assertThat(policy.get("style-src")).containsExactly(hash(styles.getFirst()));
    assertThat(all("<[^>]*\\s(on\\w+|style)\\s*=", reply.text())).isEmpty();
  }

  @Test
  void whatThePolicyDoesNotNameIsForbidden() {
    Map<String, List<String>> policy = policy(desk.get("/"));
    assertThat(policy.get("default-src")).containsExactly("'none'");
    assertThat(policy.get("connect-src")).containsExactly("'self'");
    assertThat(policy.get("frame-ancestors")).containsExactly("'none'");
    assertThat(policy.get("base-uri")).containsExactly("'none'");
    assertThat(policy.get("form-action")).containsExactly("'none'");
    assertThat(policy.keySet())
        .containsExactlyInAnyOrder(
            "default-src",
            "script-src",
            "style-src",
            "connect-src",
            "frame-ancestors",
            "base-uri",
            "form-action");
  }

  /// Figures name routes and origins, which others may choose.
  @Test
  void figuresAreShownAsTextNeverAsMarkup() {
    String page = desk.get("/").text();
    assertThat(page)
        .doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(")
        .contains("textContent");
  }
}
