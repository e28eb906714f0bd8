package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.edge.RouteRule.Share;
import dev.freshet.freshness.Dependency;
import dev.freshet.testkit.RawClient;
import dev.freshet.testkit.RawClient.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Copies of pages that browsers fetch as dictionaries: of which pages, and how long.
class TemplatesTest {
  private static final String HTML = "Content-Type: text/html";
  private static final String PUBLIC = "Cache-Control: public, max-age=60";
  private static final Pattern COPY = Pattern.compile("</\\.freshet/dictionary/[^>]+>");

  /// Leaves pages as they are, but on.
  private static final Polish ON =
      new Polish() {
        @Override
        public Level level(String match) {
          return Level.SAFE;
        }
      };

  private static String page(String name) {
    return "<!doctype html><title>" + name + "</title>" + "some words ".repeat(500);
  }

  private static Response get(RawClient client, String path, String... lines) {
    StringBuilder head = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n");
    for (String line : lines) {
      head.append(line).append("\r\n");
    }
    return client.send(head + "\r\n").response();
  }

  /// What the page names once its form was made from what is stored; empty for none.
  private static String named(RawClient client, String path) {
    while (!get(client, path).field("Cache-Status").startsWith("freshet; hit")) {
      Thread.onSpinWait();
    }
    return linked(get(client, path, "Accept-Encoding: gzip"));
  }

  private static String linked(Response page) {
    Matcher found = COPY.matcher(page.field("Link"));
    return found.find() ? found.group().substring(1, found.group().length() - 1) : "";
  }

  private static Shopfront open(String... lines) {
    Shopfront shop = Shopfront.polished(ON, RouteRule.plain("/**"));
    for (String name : List.of("a", "b", "c")) {
      String[] all = Arrays.copyOf(lines, lines.length + 1);
      all[lines.length] = HTML;
      shop.page("/p/" + name, page(name), all);
    }
    return shop;
  }

  @Test
  void aCopyLivesAsLongAsItsPage() {
    try (Shopfront shop = open(PUBLIC)) {
      RawClient client = shop.client();
      assertThat(named(client, "/p/a")).as("alone").isEmpty();
      String copy = named(client, "/p/b");
      assertThat(copy).isNotEmpty();
      shop.time.advance(Duration.ofSeconds(20));
      Response found = get(client, copy);
      assertThat(found.text()).isEqualTo(page("b"));
      assertThat(found.field("Cache-Control")).isEqualTo("max-age=40");
      assertThat(found.field("Use-As-Dictionary")).startsWith("match=\"/p/*\"");
      assertThat(named(client, "/p/c")).isEqualTo(copy);
      shop.time.advance(Duration.ofSeconds(40));
      assertThat(get(client, copy).status()).isEqualTo(404);
    }
  }

  /// What browsers are told of a page is no word of the app's against that.
  @Test
  void pagesThatAreForEverybodyByARuleHaveOneToo() {
    RouteRule rule = Shopfront.rule("/**", Share.PUBLIC, Duration.ofHours(1));
    try (Shopfront shop = Shopfront.polished(ON, rule)) {
      shop.page("/p/a", page("a"), HTML).page("/p/b", page("b"), HTML);
      RawClient client = shop.client();
      named(client, "/p/a");
      assertThat(named(client, "/p/b")).isNotEmpty();
      assertThat(get(client, "/p/b").field("Cache-Control")).isEqualTo("no-cache");
    }
  }

  @Test
  void aPurgeEndsIt() {
    try (Shopfront shop = open(PUBLIC)) {
      RawClient client = shop.client();
      named(client, "/p/a");
      String copy = named(client, "/p/b");
      assertThat(get(client, copy).status()).isEqualTo(200);
      shop.edge.purgeUrl("http://localhost/p/b", false);
      assertThat(get(client, copy).status()).isEqualTo(404);
      assertThat(named(client, "/p/c")).as("names nothing that is gone").isEmpty();
    }
  }

  @Test
  void aChangedRowEndsIt() {
    RowWorld world = new RowWorld(null);
    try (Shopfront shop =
        Shopfront.polished(ON, world.database(), Shopfront.rows("/**", Share.PUBLIC))) {
      for (int i = 1; i <= 2; i++) {
        Dependency product = RowWorld.product(i);
        shop.act("/p/" + i, world.answer(page("p" + i), RowWorld.reading(product), HTML));
      }
      RawClient client = shop.client();
      named(client, "/p/1");
      String copy = named(client, "/p/2");
      assertThat(get(client, copy).text()).isEqualTo(page("p2"));
      world.change(1);
      assertThat(get(client, copy).status()).as("another's row").isEqualTo(200);
      world.change(2);
      assertThat(get(client, copy).status()).isEqualTo(404);
    }
  }

  @Test
  void aDifferenceHasTheFieldsOfItsPageAsConfirmed() {
    try (Shopfront shop = open(PUBLIC, "ETag: \"v1\"")) {
      RawClient client = shop.client();
      named(client, "/p/a");
      String copy = named(client, "/p/b").substring(Templates.PATH.length());
      byte[] digest = Base64.getUrlDecoder().decode(copy);
      String held = "Available-Dictionary: :" + Base64.getEncoder().encodeToString(digest) + ":";
      String knows = "Accept-Encoding: gzip, dcz";
      named(client, "/p/c");
      Response before = get(client, "/p/c", held, knows);
      assertThat(before.field("Content-Encoding")).isEqualTo("dcz");
      assertThat(before.field("X-Confirmed")).isEmpty();
      shop.time.advance(Duration.ofSeconds(61));
      assertThat(get(client, "/p/c").field("X-Confirmed")).isEqualTo("yes");
      Response after = get(client, "/p/c", held, knows);
      assertThat(after.field("Content-Encoding")).isEqualTo("dcz");
      assertThat(after.field("X-Confirmed")).isEqualTo("yes");
      assertThat(after.field("ETag")).isEqualTo(before.field("ETag"));
    }
  }

  @Test
  void copiesOfLargePagesTakeABoundedPlace() {
    try (Shopfront shop = open(PUBLIC)) {
      RawClient client = shop.client();
      List<String> copies = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        shop.page("/" + i + "/a", page("a"), HTML, PUBLIC);
        shop.page("/" + i + "/b", page("b" + i) + "more words ".repeat(150_000), HTML, PUBLIC);
        named(client, "/" + i + "/a");
        copies.add(named(client, "/" + i + "/b"));
      }
      assertThat(copies).as("each folder has one").doesNotContain("").doesNotHaveDuplicates();
      List<Integer> there = copies.stream().map(copy -> get(client, copy).status()).toList();
      assertThat(there.getLast()).isEqualTo(200);
      // Which went is a matter of which page was looked at last, and pages are looked at again when
      // there is a copy.
      assertThat(there).as("pages of 1.6 MB, each kept twice").contains(404);
    }
  }

  @Test
  void onlyReadersAreAnswered() {
    try (Shopfront shop = open(PUBLIC)) {
      RawClient client = shop.client();
      named(client, "/p/a");
      String copy = named(client, "/p/b");
      for (String path : List.of(copy, Speculation.PATH)) {
        Response refused =
            client.send("DELETE " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").response();
        assertThat(refused.status()).isEqualTo(405);
        assertThat(refused.field("Allow")).isEqualTo("GET, HEAD");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "public|max-age=60,Vary: Cookie,Accept: */*",
    "public|max-age=60,Vary: X-Group,Accept: */*",
    "public|max-age=60,X-None: 1,Authorization: Basic eDp5",
    "public|max-age=60,X-None: 1,Cookie: session=1",
    "public|max-age=60,Set-Cookie: a=b,Accept: */*",
    "max-age=60,X-None: 1,Accept: */*",
    "public|max-age=60|must-revalidate,X-None: 1,Accept: */*",
    "public|max-age=60|no-cache,ETag: \"v0\",Accept: */*",
  })
  void whatIsNotForEverybodyOrToBeAskedForIsNeverCopied(
      String control, String field, String asked) {
    try (Shopfront shop = open("Cache-Control: " + control.replace("|", ", "), field)) {
      RawClient client = shop.client();
      for (String name : List.of("a", "b", "c")) {
        for (int i = 0; i < 3; i++) {
          get(client, "/p/" + name, asked);
        }
        Response page = get(client, "/p/" + name, asked, "Accept-Encoding: gzip");
        assertThat(page.status()).isEqualTo(200);
        assertThat(linked(page)).as(name).isEmpty();
      }
    }
  }
}
