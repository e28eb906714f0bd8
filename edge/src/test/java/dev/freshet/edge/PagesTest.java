package dev.freshet.edge;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.ByteSize;
import dev.freshet.base.Meters;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.Version;
import dev.freshet.testkit.RawClient;
import dev.freshet.testkit.RawClient.Response;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Lists leave in pages: what clients and the app see of it.
class PagesTest {
  private static final String JSON = "Content-Type: application/json";
  private static final String FRESH = "Cache-Control: max-age=60";
  private Shopfront shop = open("", Share.BY_RESPONSE);

  private static Pagination of(int size, String path) {
    return new Pagination(
        size, 100, new ByteSize(2_000), new ByteSize(1_000), path, "/id", Pagination.Names.USUAL);
  }

  private static Shopfront open(String path, Share share) {
    return new Shopfront(
        Shopfront.rule("/list/**", share, Duration.ofMinutes(1)).withPages(of(3, path)));
  }

  private void reopen(Shopfront other) {
    shop.close();
    shop = other;
  }

  @AfterEach
  void close() {
    shop.close();
  }

  private static String element(int id) {
    return "{\"id\":" + id + ", \"name\":\"no " + id + "\"}";
  }

  private static String list(int... ids) {
    return IntStream.of(ids)
        .mapToObj(PagesTest::element)
        .collect(Collectors.joining(" ,\n", "[", "]"));
  }

  private static @Nullable String link(Response page, String relation) {
    Matcher found =
        Pattern.compile("<([^>]*)>; rel=\"" + relation + "\"").matcher(page.field("Link"));
    return found.find() ? found.group(1) : null;
  }

  private static String next(Response page) {
    return Objects.requireNonNull(link(page, "next"), page.field("Link"));
  }

  private static List<Integer> ids(String text) {
    List<Integer> out = new ArrayList<>();
    Matcher id = Pattern.compile("\"id\":(\\d+)").matcher(text);
    while (id.find()) {
      out.add(Integer.parseInt(id.group(1)));
    }
    return out;
  }

  @Test
  void cutsAListIntoPagesThatTheAppIsAskedForOnce() {
    shop.page("/list/a?kind=x", list(1, 2, 3, 4, 5, 6, 7), JSON, FRESH);
    Response one = shop.get("/list/a?kind=x");
    assertThat(one.status()).isEqualTo(200);
    // The app's own octets.
    assertThat(one.text()).isEqualTo(list(1, 2, 3));
    assertThat(one.field("X-Total-Count")).isEqualTo("7");
    assertThat(one.field("Cache-Status"))
        .isEqualTo("freshet; fwd=uri-miss; fwd-status=200; stored");
    assertThat(link(one, "first")).isEqualTo("/list/a?kind=x");
    assertThat(link(one, "prev")).isNull();
    Response two = shop.get(next(one));
    assertThat(two.text()).isEqualTo(list(4, 5, 6));
    assertThat(two.field("Cache-Status")).startsWith("freshet; hit");
    Response three = shop.get(next(two));
    assertThat(three.text()).isEqualTo(list(7));
    assertThat(link(three, "next")).isNull();
    String back = Objects.requireNonNull(link(three, "prev"));
    assertThat(shop.get(back).text()).isEqualTo(list(4, 5, 6));
    assertThat(shop.get("/list/a?limit=2&kind=x").text()).isEqualTo(list(1, 2));
    assertThat(next(shop.get("/list/a?limit=2&kind=x")))
        .startsWith("/list/a?kind=x&limit=2&cursor=");
    assertThat(shop.asked("/list/a?kind=x")).isEqualTo(1);
    assertThat(shop.origin.heads()).hasSize(1);
  }

  @Test
  void aListThatFitsOnOnePageHasNoLinks() {
    shop.page("/list/a", list(1, 2), JSON, FRESH);
    Response whole = shop.get("/list/a");
    assertThat(whole.text()).isEqualTo(list(1, 2));
    assertThat(whole.field("Link")).isEmpty();
    assertThat(whole.field("X-Total-Count")).isEqualTo("2");
    shop.page("/list/none", "[ ]", JSON, FRESH);
    assertThat(shop.get("/list/none").text()).isEqualTo("[]");
    assertThat(shop.get("/list/none").field("X-Total-Count")).isEqualTo("0");
  }

  @Test
  void whatStandsAroundTheListStaysOnEveryPage() {
    reopen(open("/data/items", Share.BY_RESPONSE));
    String around = "{\"kind\": [9], \"data\": {\"items\": %s}, \"more\": true}\n";
    shop.page("/list/a", around.formatted(list(1, 2, 3, 4)), JSON, FRESH);
    Response one = shop.get("/list/a");
    assertThat(one.text()).isEqualTo(around.formatted(list(1, 2, 3)));
    assertThat(shop.get(next(one)).text()).isEqualTo(around.formatted(list(4)));
  }

  @Test
  void keepsTheMembersThatAreAskedFor() {
    String one = "{\"id\":1, \"n\" : {\"id\": 2},\"a\":\"x\\\"}\"}";
    shop.page("/list/a", "[" + one + ",7,{}," + element(4) + "]", JSON, FRESH);
    Response page = shop.get("/list/a?fields=n,id,none");
    assertThat(page.text()).isEqualTo("[{\"id\":1,\"n\" : {\"id\": 2}},7,{}]");
    assertThat(shop.get(next(page)).text()).isEqualTo("[{\"id\":4}]");
    assertThat(next(page)).contains("fields=n,id,none");
  }

  @Test
  void aPageStaysSmallUnlessMoreIsAskedFor() {
    reopen(
        new Shopfront(
            Shopfront.rule("/list/**", Share.BY_RESPONSE, Duration.ofMinutes(1))
                .withPages(of(90, ""))));
    shop.page("/list/a", list(IntStream.range(0, 90).toArray()), JSON, FRESH);
    Response page = shop.get("/list/a");
    assertThat(page.text().length()).isBetween(1_900, 2_000);
    assertThat(ids(shop.get("/list/a?limit=80").text())).hasSize(80);
    assertThat(ids(shop.get("/list/a?limit=800").text())).hasSize(90);
    List<Integer> all = new ArrayList<>(ids(page.text()));
    for (String at = link(page, "next"); at != null; at = link(page, "next")) {
      page = shop.get(at);
      assertThat(page.text().length()).isLessThan(2_000);
      all.addAll(ids(page.text()));
    }
    assertThat(all).isEqualTo(IntStream.range(0, 90).boxed().toList());
  }

  @Test
  void eachPageHasATagOfItsOwn() {
    shop.page(
        "/list/a",
        list(1, 2, 3, 4),
        JSON,
        FRESH,
        "ETag: \"whole\"",
        "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT");
    Response one = shop.get("/list/a");
    Response two = shop.get(next(one));
    String tag = one.field("ETag");
    assertThat(tag).startsWith("\"page-").isNotEqualTo(two.field("ETag"));
    assertThat(one.field("Last-Modified")).isEmpty();
    assertThat(shop.get("/list/a").field("ETag")).isEqualTo(tag);
    Response known = shop.get("/list/a", "If-None-Match: " + tag);
    assertThat(known.status()).isEqualTo(304);
    assertThat(known.field("ETag")).isEqualTo(tag);
    assertThat(shop.get(next(one), "If-None-Match: " + tag).status()).isEqualTo(200);
    assertThat(shop.get("/list/a", "If-None-Match: \"whole\"").status()).isEqualTo(200);
    assertThat(shop.get("/list/a", "If-Match: " + tag).status()).isEqualTo(200);
    assertThat(shop.get("/list/a", "If-Match: \"whole\"").status()).isEqualTo(412);
    Response ranged = shop.get("/list/a", "Range: bytes=0-3", "If-Range: " + tag);
    assertThat(ranged.status()).isEqualTo(200);
    assertThat(ranged.text()).isEqualTo(list(1, 2, 3));
    Response head = shop.client().ask("HEAD", "/list/a");
    assertThat(head.field("Content-Length")).isEqualTo(Integer.toString(list(1, 2, 3).length()));
    assertThat(head.field("ETag")).isEqualTo(tag);
    assertThat(head.field("Link")).isEqualTo(one.field("Link"));
    assertThat(shop.origin.heads()).hasSize(1);
  }

  @Test
  void pagesAreCodedAndTheirTagsToo() {
    String long1 = "\"" + "words and words ".repeat(60) + "\"";
    shop.page("/list/a", "[" + long1 + "," + long1 + "]", JSON, FRESH);
    Response plain = shop.get("/list/a?limit=1");
    assertThat(plain.text()).isEqualTo("[" + long1 + "]");
    assertThat(plain.field("Vary")).isEqualTo("Accept-Encoding");
    for (int i = 0; i < 2; i++) {
      Response coded = shop.get("/list/a?limit=1", "Accept-Encoding: gzip");
      assertThat(coded.field("Content-Encoding")).isEqualTo("gzip");
      assertThat(coded.text().length()).isLessThan(200);
      String tag = coded.field("ETag");
      assertThat(tag).endsWith("-gzip\"");
      assertThat(shop.get("/list/a?limit=1", "If-None-Match: " + tag).status()).isEqualTo(304);
    }
    assertThat(shop.lastHead().toLowerCase(Locale.ROOT)).doesNotContain("accept-encoding");
  }

  @Test
  void saysWhatIsWrongWithAParameter() {
    Map<String, String> wrong =
        Map.of(
            "limit=0", "limit must be at least 1",
            "limit=-1", "limit is not a whole number",
            "limit=", "limit is not a whole number",
            "limit=9999999999", "limit is not a whole number",
            "limit=1&limit=2", "limit stands twice",
            "cursor=abc", "cursor is none that was given out",
            "cursor=", "cursor is none that was given out",
            "fields=,", "fields takes 1 to 100 names");
    wrong.forEach((query, said) -> {
      Response refused = shop.get("/list/a?" + query);
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.field("Content-Type")).isEqualTo("application/problem+json");
      assertThat(refused.text())
          .contains("\"type\":\"urn:freshet:problem:page-parameter\"", "\"status\":400", said);
      assertThat(refused.field("Cache-Control")).isEqualTo("no-store");
    });
    assertThat(shop.origin.heads()).isEmpty();
  }

  @Test
  void goesOnThroughAListThatChanges() {
    shop.page("/list/a", list(1, 2, 3, 4, 5, 6), JSON, FRESH);
    Response one = shop.get("/list/a");
    shop.page("/list/a", list(9, 2, 1, 6, 5), JSON, FRESH);
    shop.edge.purgeAll(false);
    Response two = shop.get(next(one));
    // 3 and 4 are gone, 9 is new, 6 comes where it was: behind 5.
    assertThat(ids(two.text())).containsExactly(5, 6);
    assertThat(two.field("X-Total-Count")).isEqualTo("5");
    assertThat(link(two, "next")).isNull();
    assertThat(ids(shop.get("/list/a").text())).containsExactly(9, 2, 1);
  }

  @Test
  void aWalkThatCannotGoOnIsToldWhereToBeginAgain() {
    shop.page("/list/a", "[1,2,3,4]", JSON, FRESH);
    String next = next(shop.get("/list/a?limit=2"));
    shop.page("/list/a", "[1,2,3,5]", JSON, FRESH);
    shop.edge.purgeAll(false);
    Response gone = shop.get(next);
    assertThat(gone.status()).isEqualTo(410);
    assertThat(gone.field("Content-Type")).isEqualTo("application/problem+json");
    assertThat(gone.text())
        .contains("urn:freshet:problem:cursor-gone", "\"first\":\"/list/a?limit=2\"");
    assertThat(link(gone, "first")).isEqualTo("/list/a?limit=2");
  }

  @Test
  void aCursorIsOfOneListAndOneUser() {
    reopen(open("", Share.BY_USER));
    shop.page("/list/a", list(1, 2, 3, 4), JSON, FRESH);
    shop.page("/list/b", list(1, 2, 3, 4), JSON, FRESH);
    Response one = shop.get("/list/a", "Cookie: sid=ann");
    String cursor = next(one).substring("/list/a".length());
    assertThat(shop.get("/list/a" + cursor, "Cookie: sid=ann").status()).isEqualTo(200);
    Response other = shop.get("/list/a" + cursor, "Cookie: sid=bob");
    assertThat(other.status()).isEqualTo(400);
    assertThat(other.text())
        .contains("urn:freshet:problem:foreign-cursor", "\"first\":\"/list/a\"");
    assertThat(shop.get("/list/b" + cursor, "Cookie: sid=ann").status()).isEqualTo(400);
  }

  @Test
  void whatIsNoListPassesAsItIs() {
    shop.page("/list/html", "<p>[1,2,3,4]", "Content-Type: text/html", FRESH);
    shop.page("/list/object", "{\"a\":[1,2,3,4]}", JSON, FRESH, "ETag: \"o\"");
    shop.page("/list/broken", "[1,2,3,4", JSON, FRESH);
    shop.page("/list/paged", "[1,2,3,4]", JSON, FRESH, "Link: </list/paged?p=2>; rel=next");
    shop.page("/list/coded", "[1,2,3,4]", JSON, FRESH, "Content-Encoding: odd");
    shop.raw(
        "/list/error", "HTTP/1.1 500 Oh\r\nContent-Length: 9\r\n" + JSON + "\r\n\r\n", "[1,2,3,4]");
    for (int i = 0; i < 2; i++) {
      assertThat(shop.get("/list/html?limit=1").text()).isEqualTo("<p>[1,2,3,4]");
      Response object = shop.get("/list/object");
      assertThat(object.text()).isEqualTo("{\"a\":[1,2,3,4]}");
      assertThat(object.field("ETag")).isEqualTo("\"o\"");
      assertThat(object.field("X-Total-Count")).isEmpty();
      assertThat(shop.get("/list/broken").text()).isEqualTo("[1,2,3,4");
      assertThat(shop.get("/list/paged").text()).isEqualTo("[1,2,3,4]");
      assertThat(shop.get("/list/coded").text()).isEqualTo("[1,2,3,4]");
      Response error = shop.get("/list/error");
      assertThat(error.status()).isEqualTo(500);
      assertThat(error.text()).isEqualTo("[1,2,3,4]");
    }
    assertThat(shop.get("/list/object", "If-None-Match: \"o\"").status()).isEqualTo(304);
    assertThat(shop.get("/other?limit=1").status()).isEqualTo(404);
    assertThat(shop.asked("/other?limit=1")).isEqualTo(1);
  }

  @Test
  void listsThatAreNotStoredAreCutAllTheSame() {
    shop.page("/list/a", list(1, 2, 3, 4), JSON, "Cache-Control: no-store");
    Response one = shop.get("/list/a");
    assertThat(one.text()).isEqualTo(list(1, 2, 3));
    assertThat(one.field("Cache-Status")).contains("detail=no-store");
    assertThat(shop.get(next(one)).text()).isEqualTo(list(4));
    assertThat(shop.asked("/list/a")).isEqualTo(2);
    assertThat(shop.client().ask("HEAD", "/list/a").field("Content-Length"))
        .isEqualTo(Integer.toString(list(1, 2, 3).length()));
  }

  private static Shopfront holding(int maxEntry, int maxList) {
    EdgeConfig.Limits d = EdgeConfig.Limits.defaults();
    EdgeConfig.Limits small =
        new EdgeConfig.Limits(
            new ByteSize(maxEntry),
            d.maxFills(),
            true,
            d.coalesceWait(),
            d.bridge(),
            d.hitForMiss(),
            0);
    Pagination pages =
        new Pagination(
            3, 100, new ByteSize(2_000), new ByteSize(maxList), "", "/id", Pagination.Names.USUAL);
    return Shopfront.told(
        c -> Shopfront.with(c, false, small),
        Shopfront.rule("/list/**", Share.BY_RESPONSE, Duration.ofMinutes(1)).withPages(pages));
  }

  @Test
  void aListMayBeLargerThanWhatElseIsStored() {
    reopen(holding(1_000, 10_000));
    String large = list(IntStream.range(0, 100).toArray());
    shop.page("/list/a", large, JSON, FRESH);
    Response one = shop.get("/list/a");
    assertThat(one.field("X-Total-Count")).isEqualTo("100");
    assertThat(shop.get(next(one)).field("Cache-Status")).startsWith("freshet; hit");
    assertThat(shop.asked("/list/a")).isEqualTo(1);
    String chunk = Integer.toHexString(large.length()) + "\r\n" + large + "\r\n0\r\n\r\n";
    shop.raw(
        "/list/b", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + JSON + "\r\n\r\n", chunk);
    assertThat(shop.get("/list/b").text()).isEqualTo(list(0, 1, 2));
  }

  /// Beyond `max-list` it is neither held nor stored, nor sent whole to who asked for a page.
  @Test
  void aListThatIsTooLargeToBeHeldIsRefused() {
    reopen(holding(1_000, 1_000));
    String large = list(IntStream.range(0, 100).toArray());
    shop.page("/list/a", large, JSON, FRESH);
    String chunk = Integer.toHexString(large.length()) + "\r\n" + large + "\r\n0\r\n\r\n";
    shop.raw(
        "/list/b", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + JSON + "\r\n\r\n", chunk);
    for (String target : List.of("/list/a", "/list/b", "/list/a?limit=1")) {
      isRefused(shop.get(target), "list-too-large", "more than 1000B, the most by max-list");
    }
    shop.page("/list/html", large, "Content-Type: text/html", FRESH);
    assertThat(shop.get("/list/html").text()).isEqualTo(large);
  }

  private static void isRefused(Response answer, String type, String detail) {
    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.field("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.text()).contains("urn:freshet:problem:" + type, detail);
  }

  @Test
  void aListOfMoreElementsThanAreKeptCountOfIsRefused() {
    int most = 131_072;
    shop.page("/list/a", "[" + "1,".repeat(most - 1) + "1]", JSON, FRESH);
    shop.page("/list/b", "[" + "1,".repeat(most) + "1]", JSON, FRESH);
    assertThat(shop.get("/list/a").field("X-Total-Count")).isEqualTo(Integer.toString(most));
    isRefused(shop.get("/list/b"), "list-too-large", most + " elements, the most by cache.memory");
  }

  @Test
  void whatStandsAroundAListIsNoMoreThanAPageUnlessAskedFor() {
    reopen(open("/items", Share.BY_RESPONSE));
    String around = "{\"note\":\"" + "x".repeat(3_000) + "\",\"items\":%s}";
    shop.page("/list/a", around.formatted("[1,2]"), JSON, FRESH);
    isRefused(shop.get("/list/a"), "page-too-large", "raise that, or ask with limit");
    assertThat(shop.get("/list/a?limit=1").text()).isEqualTo(around.formatted("[1]"));
  }

  @Test
  void aListThatBreaksOffIsNoList() {
    shop.act(
        "/list/a",
        (peer, head) ->
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n" + JSON + "\r\n\r\n[1,2,3"));
    Response broken = shop.get("/list/a");
    assertThat(broken.status()).isEqualTo(502);
    assertThat(broken.text()).contains("urn:freshet:problem:broken-off");
  }

  /// Larger than what is read through at once: the same, beside the event loop.
  @Test
  void longListsAreCutLikeShortOnes() {
    String large = list(IntStream.range(0, 4_000).toArray());
    assertThat(large.length()).isGreaterThan(100_000);
    shop.page("/list/a", large, JSON, FRESH);
    Response page = shop.get("/list/a?limit=100");
    List<Integer> all = new ArrayList<>(ids(page.text()));
    while (link(page, "next") != null) {
      page = shop.get(next(page));
      all.addAll(ids(page.text()));
    }
    assertThat(all).isEqualTo(IntStream.range(0, 4_000).boxed().toList());
    assertThat(shop.origin.heads()).hasSize(1);
  }

  @Test
  void whoAsksWithinTheProgramGetsThePage() {
    shop.page("/list/a", list(1, 2, 3, 4), JSON, FRESH);
    String first = inner("/list/a").sharedAs();
    assertThat(first).isNotNull().isEqualTo(inner("/list/a").sharedAs());
    InnerAnswer page = inner("/list/a?limit=1");
    assertThat(page.sharedAs()).isNotNull().isNotEqualTo(first);
    assertThat(new String(page.content(), StandardCharsets.UTF_8)).isEqualTo(list(1));
    assertThat(inner("/list/a?limit=0").status()).isEqualTo(400);
  }

  private InnerAnswer inner(String target) {
    RequestHead head =
        new RequestHead("GET", "http", "shop.test", target, new Fields(), Version.HTTP_1_1);
    InetSocketAddress peer = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    return shop.edge.ask(head, peer, 1_000).orTimeout(10, TimeUnit.SECONDS).join();
  }

  @Test
  void parametersHaveTheNamesThatTheRuleGivesThem() {
    Pagination named =
        new Pagination(
            3,
            100,
            new ByteSize(2_000),
            new ByteSize(1_000),
            "",
            "/id",
            new Pagination.Names("top", "skip", "select"));
    reopen(
        new Shopfront(
            Shopfront.rule("/list/**", Share.BY_RESPONSE, Duration.ofMinutes(1)).withPages(named)));
    shop.page("/list/a?limit=9", list(1, 2, 3), JSON, FRESH);
    Response page = shop.get("/list/a?top=1&limit=9&select=id");
    assertThat(page.text()).isEqualTo("[{\"id\":1}]");
    assertThat(next(page)).startsWith("/list/a?limit=9&top=1&select=id&skip=");
    assertThat(shop.get(next(page)).text()).isEqualTo("[{\"id\":2}]");
  }

  @Test
  void aParameterThatSaysNullIsNoneThatIsAbsent() {
    shop.page("/list/a?k=1", list(1, 2), JSON, FRESH);
    assertThat(shop.get("/list/a?k=1&fields=null").text()).isEqualTo("[{},{}]");
    assertThat(shop.get("/list/a?k=1").text()).isEqualTo(list(1, 2));
    assertThat(shop.get("/list/a?limit=1&k=1").text()).isEqualTo(list(1));
  }

  @Test
  void anAgeThatIsNoNumberStaysAsTheAppSaidIt() {
    shop.page("/list/a", list(1, 2, 3, 4), JSON, "Cache-Control: no-store", "Age: soon");
    Response page = shop.get("/list/a");
    assertThat(page.text()).isEqualTo(list(1, 2, 3));
    assertThat(page.field("Age")).isEqualTo("soon");
  }

  /// Read through beside the event loop, with nothing to keep it by.
  @Test
  void longListsThatAreNotStoredAreCutToo() {
    String large = list(IntStream.range(0, 4_000).toArray());
    shop.page("/list/a", large, JSON, "Cache-Control: no-store");
    Response one = shop.get("/list/a");
    assertThat(one.text()).isEqualTo(list(0, 1, 2));
    assertThat(shop.get(next(one)).text()).isEqualTo(list(3, 4, 5));
    assertThat(held()).isZero();
  }

  @Test
  void aClientThatGoesAwayInTheMiddleLeavesNothingHeld() throws InterruptedException {
    CountDownLatch ended = new CountDownLatch(1);
    shop.act(
        "/list/a",
        (peer, head) -> {
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 90000\r\nCache-Control: no-store\r\n");
          peer.send(JSON + "\r\n\r\n[" + "1,".repeat(9_000));
          peer.awaitEnd();
          ended.countDown();
        });
    RawClient client = shop.client();
    client.send("GET /list/a HTTP/1.1\r\nHost: shop.test\r\n\r\n");
    long patience = System.nanoTime() + 20_000_000_000L;
    while (held() == 0) {
      assertThat(System.nanoTime()).isLessThan(patience);
      Thread.onSpinWait();
    }
    client.close();
    assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(held()).isZero();
  }

  private double held() {
    return shop.meters.all().stream()
        .filter(Meters.Gauge.class::isInstance)
        .map(Meters.Gauge.class::cast)
        .filter(gauge -> gauge.id().name().equals("freshet_edge_fill_bytes"))
        .mapToDouble(gauge -> gauge.value().getAsDouble())
        .sum();
  }

  @Test
  void whatIsNoListIsCodedAndHeldAgainstConditionsAllTheSame() {
    String html = "<p>" + "words and words ".repeat(60);
    shop.page("/list/p", html, "Content-Type: text/html", FRESH, "ETag: \"h\"");
    shop.get("/list/p");
    Response coded = shop.get("/list/p", "Accept-Encoding: gzip");
    assertThat(coded.field("Content-Encoding")).isEqualTo("gzip");
    assertThat(coded.field("ETag")).isEqualTo("\"h-gzip\"");
    assertThat(shop.get("/list/p", "If-None-Match: \"h\"").status()).isEqualTo(304);
    shop.raw(
        "/list/gone",
        "HTTP/1.1 404 No\r\nContent-Length: 2\r\nETag: \"g\"\r\n" + FRESH + "\r\n\r\n",
        "no");
    for (int i = 0; i < 2; i++) {
      assertThat(shop.get("/list/gone", "If-None-Match: \"g\"").status()).isEqualTo(404);
    }
  }

  @Test
  void booksWhatLeaves() {
    shop.page("/list/a", list(1, 2, 3, 4), JSON, FRESH);
    shop.page("/list/p", "no list", "Content-Type: text/html", FRESH);
    shop.page("/list/live", "no list", "Content-Type: text/html", "Cache-Control: no-store");
    for (String target :
        List.of("/list/a", "/list/p", "/list/p", "/list/live", "/list/a?limit=0")) {
      long before = sent();
      Response head = shop.client().ask("HEAD", target);
      assertThat(sent()).as("HEAD of %s", target).isEqualTo(before);
      assertThat(head.text()).isEmpty();
      Response got = shop.get(target);
      // It is booked when all was handed over, when the client may have it already.
      await(() -> sent() - before >= got.text().length(), "the octets of " + target);
      assertThat(sent() - before).as(target).isEqualTo(got.text().length());
    }
  }

  private long sent() {
    return shop.edge.snapshot().routes().stream()
        .mapToLong(EdgeSnapshot.RouteLine::sentBytes)
        .sum();
  }
}
