package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.edge.RouteRule.Share;
import dev.freshet.http.HttpDate;
import dev.freshet.testkit.RawClient;
import dev.freshet.testkit.RawClient.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a request and an answer look like on the other side; whom a trip serves; errors.
@SuppressWarnings("InterruptedExceptionSwallowed")
@Timeout(60)
class ThroughTest {
  private Shopfront shop = new Shopfront();

  @AfterEach
  void close() {
    shop.close();
  }

  private void told(UnaryOperator<EdgeConfig> more) {
    shop.close();
    shop = Shopfront.told(more);
  }

  private static EdgeConfig.Limits coalescing(boolean on, Duration wait) {
    EdgeConfig.Limits plain = EdgeConfig.Limits.defaults();
    return new EdgeConfig.Limits(
        plain.maxEntry(), plain.maxFills(), on, wait, plain.bridge(), plain.hitForMiss(), 0);
  }

  @Test
  void tellsTheAppWhereARequestComesFrom() {
    shop.page("/a", "x");
    shop.get("/a", "Forwarded: for=9.9.9.9;host=evil.test", "X-Forwarded-Proto: https");
    assertThat(shop.lastHead())
        .contains(
            "Forwarded: for=127.0.0.1;host=shop.test;proto=http",
            "X-Forwarded-For: 127.0.0.1",
            "X-Forwarded-Proto: http\r",
            "X-Forwarded-Host: shop.test",
            "Via: 1.1 freshet",
            "X-Request-Id: ")
        .doesNotContain("9.9.9.9", "evil");
  }

  @Test
  void addsToWhatATrustedProxySaid() {
    told(c -> Shopfront.with(c, true, c.limits()));
    shop.page("/a", "x");
    shop.get(
        "/a",
        "Forwarded: for=9.9.9.9;proto=https",
        "X-Forwarded-For: 9.9.9.9",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: www.shop.test",
        "Via: 1.1 front",
        "X-Request-Id: of-the-front.1");
    assertThat(shop.lastHead())
        .contains(
            "Forwarded: for=9.9.9.9;proto=https, for=127.0.0.1;host=shop.test;proto=http",
            "X-Forwarded-For: 9.9.9.9, 127.0.0.1",
            "X-Forwarded-Proto: https\r",
            "X-Forwarded-Host: www.shop.test",
            "Via: 1.1 front, 1.1 freshet",
            "X-Request-Id: of-the-front.1");
  }

  @Test
  void keepsWhatIsForOneHopFromTheOther() {
    shop.page(
        "/a",
        "x",
        "Connection: X-Own, keep-alive",
        "X-Own: 1",
        "Keep-Alive: timeout=9",
        "Proxy-Authenticate: Basic",
        "X-End: 2",
        "Cache-Control: max-age=60");
    Response first =
        shop.get(
            "/a",
            "Connection: keep-alive, X-Mine",
            "X-Mine: 1",
            "Keep-Alive: timeout=9",
            "TE: trailers",
            "Proxy-Authorization: Basic eDp5",
            "X-Theirs: 2");
    assertThat(shop.lastHead())
        .contains("X-Theirs: 2")
        .doesNotContain("X-Mine", "Keep-Alive", "TE:", "Proxy-Authorization");
    Response again = shop.get("/a");
    for (Response response : List.of(first, again)) {
      assertThat(response.field("X-End")).isEqualTo("2");
      assertThat(response.fields().toString())
          .doesNotContain("X-Own", "Keep-Alive: timeout", "Proxy-Authenticate");
    }
    assertThat(again.field("Cache-Status")).contains("hit");
  }

  /// Else whoever asks so first has the page of nobody stored as the page of tenant a.
  @Test
  void noClientGetsIntoAProtocolInWhichItsRequestsWouldPassUnseen() {
    shop.page("/socket", "x");
    shop.get("/socket", "Connection: Upgrade", "Upgrade: websocket, h2c, HTTP/2.0, TLS/1.3, x");
    assertThat(shop.lastHead()).contains("\r\nUpgrade: websocket, x\r\n");
    for (String[] odd :
        new String[][] {
          {"Connection: Upgrade", "Upgrade: h2c"},
          {"Connection: Upgrade", "Upgrade: H2C, http/2"},
          {"Connection: not-upgrade", "Upgrade: websocket"}
        }) {
      shop.get("/socket", odd);
      assertThat(shop.lastHead()).doesNotContainIgnoringCase("upgrade:");
    }
    String old = "GET /socket HTTP/1.0\r\nHost: a\r\nConnection: Upgrade\r\n";
    shop.client().send(old + "Upgrade: websocket\r\n\r\n").response();
    assertThat(shop.lastHead()).doesNotContainIgnoringCase("upgrade:");
  }

  @Test
  void anOfferThatIsNotTakenUpIsNoReasonToAskTheApp() {
    shop.page("/a", "a", "Cache-Control: max-age=60");
    shop.get("/a");
    assertThat(shop.get("/a", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c").text())
        .isEqualTo("a");
    assertThat(shop.asked("/a")).isEqualTo(1);
  }

  @Test
  void nothingIsChosenByAFieldThatTheAppDoesNotGetToSee() {
    shop.page("/a", "nobody's", "Cache-Control: max-age=60", "Vary: X-Tenant");
    shop.get("/a", "X-Tenant: a", "Connection: X-Tenant");
    assertThat(shop.lastHead()).doesNotContain("X-Tenant");
    shop.page("/a", "a's", "Cache-Control: max-age=60", "Vary: X-Tenant");
    assertThat(shop.get("/a", "X-Tenant: a").text()).isEqualTo("a's");
    assertThat(shop.get("/a").text()).isEqualTo("nobody's");
    assertThat(shop.asked("/a")).isEqualTo(2);
  }

  @Test
  void eachMakesItsOwnTripWhereCoalescingIsOff() throws Exception {
    told(c -> Shopfront.with(c, false, coalescing(false, Duration.ofSeconds(5))));
    assertThat(tripsOfThree()).isEqualTo(3);
  }

  @Test
  void whoWaitsForAnothersTripForTooLongMakesItsOwn() throws Exception {
    told(c -> Shopfront.with(c, false, coalescing(true, Duration.ofMillis(20))));
    assertThat(tripsOfThree()).isEqualTo(3);
  }

  /// How often the app is asked by three who all wait until it has been asked so often.
  private long tripsOfThree() throws Exception {
    CountDownLatch all = new CountDownLatch(3);
    shop.act(
        "/slow",
        (peer, head) -> {
          all.countDown();
          all.await(20, TimeUnit.SECONDS);
          peer.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 1\r\n\r\nx");
        });
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Response>> answers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        answers.add(threads.submit(() -> shop.get("/slow")));
      }
      for (Future<Response> one : answers) {
        assertThat(one.get(20, TimeUnit.SECONDS).text()).isEqualTo("x");
      }
    }
    return shop.asked("/slow");
  }

  @Test
  void saysAnErrorToPeopleAndToProgramsWithTheRequestsId() {
    shop.act("/broken", (peer, head) -> peer.send("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"));
    Response toPeople =
        shop.get("/broken", "Accept: text/html,*/*;q=0.8", "X-Request-Id: asked-by-me");
    assertThat(toPeople.status()).isEqualTo(502);
    assertThat(toPeople.field("Content-Type")).startsWith("text/html");
    assertThat(toPeople.field("X-Request-Id")).isEqualTo("asked-by-me");
    assertThat(toPeople.text())
        .contains("asked-by-me", "<h1>")
        .doesNotContain("Exception", "at dev.");
    Response toPrograms = shop.get("/broken", "Accept: application/json");
    assertThat(toPrograms.status()).isEqualTo(502);
    assertThat(toPrograms.field("Content-Type")).isEqualTo("application/problem+json");
    assertThat(toPrograms.field("Cache-Status")).isEqualTo("freshet; detail=bad-response");
    assertThat(toPrograms.text())
        .contains("urn:freshet:request:" + toPrograms.field("X-Request-Id"))
        .doesNotContain("Exception");
  }

  /// By which the line in the app's log is found.
  @Test
  void theAppAndThePageOfAnErrorSayTheSameId() {
    shop.act("/broken", (peer, head) -> peer.send("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"));
    for (String more : new String[] {"Accept: */*", "Cache-Control: no-store"}) {
      Response error = shop.get("/broken", more);
      assertThat(error.status()).isEqualTo(502);
      assertThat(error.field("X-Request-Id")).isNotEmpty();
      assertThat(shop.lastHead()).contains("X-Request-Id: " + error.field("X-Request-Id"));
    }
  }

  /// Browsers meet these too: by too many cookies.
  @Test
  void saysARefusalToPeopleAndToProgramsToo() {
    String head = "GET /a HTTP/1.1\r\nHost: a\r\nACCEPT:text/html\r\n";
    for (String told :
        List.of(
            head + "X: 1\r\n".repeat(200) + "\r\n",
            head + "Cookie: " + "y".repeat(40_000),
            head + "Content-Length: 99999999999\r\n\r\n",
            head + "Transfer-Encoding: chunked\r\n\r\nx\r\n")) {
      Response toPeople = shop.client().send(told).response();
      assertThat(toPeople.status()).isBetween(400, 431);
      assertThat(toPeople.field("Content-Type")).startsWith("text/html");
      assertThat(toPeople.field("Cache-Status")).isEqualTo("freshet; detail=refused");
      assertThat(toPeople.text()).contains("<h1>Refused: ", toPeople.field("X-Request-Id"));
      Response toPrograms = shop.client().send(told.replace("text/html", "*/*")).response();
      assertThat(toPrograms.field("Content-Type")).isEqualTo("application/problem+json");
    }
    try (RawHttp2 client = RawHttp2.to(shop.edge.addresses().getFirst().port())) {
      RawHttp2.Answer toPeople = client.get(1, "/a", "accept", "text/html", "host", "b").answer(1);
      assertThat(toPeople.status).isEqualTo(400);
      assertThat(toPeople.fields.get("content-type")).startsWith("text/html");
      assertThat(toPeople.fields.get("cache-status")).isEqualTo("freshet; detail=refused");
    }
  }

  /// Old frameworks say so where nothing is coded.
  @Test
  void aTransferCodingThatCodesNothingEndsWithTheConnection() {
    String head = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: identity\r\n";
    shop.act("/a", (peer, asked) -> peer.send(head + "\r\nhello"));
    for (String status : new String[] {"uri-miss", "hit"}) {
      Response response = shop.get("/a");
      assertThat(response.text()).isEqualTo("hello");
      assertThat(response.fields().toString()).contains(status).doesNotContain("identity");
    }
  }

  /// Some servers take what follows content for fields of the head.
  @Test
  void nothingThatMeansSomethingInAHeadGetsToTheAppBehindContent() {
    List<String> seen = new CopyOnWriteArrayList<>();
    shop.act(
        "/up",
        (peer, head) -> {
          seen.add(peer.until("\r\n0\r\n") + peer.until("\r\n\r\n"));
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
    String[] names = {
      "X-Forwarded-For",
      "Forwarded",
      "X-Real-IP",
      "X-Forwarded-Host",
      "X_Forwarded_Host",
      "Via",
      "X-HTTP-Method-Override",
      "Traceparent",
      "X-Original-URL",
      "Proxy-Authorization",
      "Upgrade"
    };
    String lines = String.join(": evil\r\n", names) + ": evil\r\n";
    String head = "POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    RawClient client = shop.client();
    client.send(head + "1\r\nx\r\n0\r\nX-Sum: 7\r\n" + lines + "Content-Digest: d\r\n\r\n");
    assertThat(client.response("POST").text()).isEqualTo("ok");
    assertThat(seen.getFirst()).contains("X-Sum: 7", "Content-Digest: d").doesNotContain("evil");
  }

  @Test
  void whatTheAppSaysBehindItsContentReachesTheClient() {
    for (String control : new String[] {"no-store", "max-age=60"}) {
      String head = "HTTP/1.1 200 OK\r\nCache-Control: " + control + "\r\nTrailer: X-Sum\r\n";
      shop.raw(
          "/" + control,
          head + "Transfer-Encoding: chunked\r\n\r\n",
          "3\r\nabc\r\n0\r\nX-Sum: 7\r\nContent-Length: 9\r\nSet-Cookie: a=b\r\n\r\n");
      Response first = shop.get("/" + control);
      assertThat(first.text()).isEqualTo("abc");
      assertThat(first.trailers().toString()).contains("X-Sum: 7").doesNotContain("Content-Length");
      shop.edge.purgeAll(false);
      try (RawHttp2 client = RawHttp2.to(shop.edge.addresses().getFirst().port())) {
        RawHttp2.Answer answer = client.get(1, "/" + control).answer(1);
        assertThat(answer.text()).isEqualTo("abc");
        assertThat(answer.trailers).containsEntry("x-sum", "7").doesNotContainKey("content-length");
      }
    }
  }

  /// RFC 9111, section 4.3.5.
  @Test
  void aHeadsAnswerBringsWhatIsStoredUpToDateOrEndsIt() {
    shop.page("/a", "hello", "Cache-Control: max-age=60", "ETag: \"e\"", "X-Note: old");
    shop.get("/a");
    shop.time.advance(Duration.ofSeconds(50));
    String same = "Cache-Control: max-age=600\r\nX-Note: new\r\nContent-Length: 5\r\n\r\n";
    shop.raw("HEAD /a", "HTTP/1.1 200 OK\r\nETag: \"e\"\r\n" + same, "");
    assertThat(shop.client().ask("HEAD", "/a", "Cache-Control: no-cache").status()).isEqualTo(200);
    shop.time.advance(Duration.ofSeconds(50));
    Response later = shop.get("/a");
    assertThat(later.field("Cache-Status")).isEqualTo("freshet; hit; ttl=550");
    assertThat(later.field("X-Note")).isEqualTo("new");
    assertThat(later.text()).isEqualTo("hello");
    shop.raw("HEAD /a", "HTTP/1.1 200 OK\r\nETag: \"f\"\r\n" + same, "");
    shop.client().ask("HEAD", "/a", "Cache-Control: no-cache");
    assertThat(shop.get("/a").field("Cache-Status")).contains("fwd=uri-miss");
  }

  /// RFC 9111, sections 5.2.2.4 and 5.2.2.7.
  @Test
  void fieldsThatTheAppNamesAreNotKeptWithTheRest() {
    shop.page(
        "/a",
        "hello",
        "Cache-Control: max-age=60, no-cache=\"x-once, Set-Cookie\", private=\"X-Mine\"",
        "X-Once: 1",
        "X-Mine: 2",
        "X-All: 3",
        "Set-Cookie: sid=4");
    assertThat(shop.get("/a").fields().toString())
        .contains("X-Once: 1", "X-Mine: 2", "X-All: 3", "Set-Cookie: sid=4");
    Response again = shop.get("/a");
    assertThat(again.field("Cache-Status")).contains("hit");
    assertThat(again.fields().toString())
        .contains("X-All: 3")
        .doesNotContain("X-Once: 1", "X-Mine: 2", "sid=4");
  }

  @Test
  void keepsAnErrorForAsLongAsTheAppSaysAndNoLonger() {
    shop.raw(
        "/gone",
        "HTTP/1.1 404 Not Found\r\nCache-Control: max-age=10\r\nContent-Length: 2\r\n\r\n",
        "no");
    assertThat(shop.get("/gone").status()).isEqualTo(404);
    assertThat(shop.get("/gone").field("Cache-Status")).contains("hit");
    shop.time.advance(Duration.ofSeconds(11));
    shop.get("/gone");
    assertThat(shop.asked("/gone")).isEqualTo(2);
  }

  @Test
  void storesWhatMustBeUnderstoodOnlyIfItIs() {
    String rest =
        " X\r\nCache-Control: max-age=60, must-understand, no-store\r\nContent-Length: 0\r\n\r\n";
    shop.raw("/known", "HTTP/1.1 200" + rest, "").raw("/unknown", "HTTP/1.1 299" + rest, "");
    shop.get("/known");
    assertThat(shop.get("/known").field("Cache-Status")).contains("hit");
    assertThat(shop.get("/unknown").field("Cache-Status")).contains("detail=not-understood");
  }

  @Test
  void heedsWhatAClientWantsOfAStoredAnswer() {
    shop.page("/a", "x", "Cache-Control: max-age=100");
    shop.get("/a");
    shop.time.advance(Duration.ofSeconds(50));
    assertThat(shop.get("/a", "Cache-Control: min-fresh=40").field("Cache-Status")).contains("hit");
    assertThat(shop.get("/a", "Cache-Control: max-age=60").field("Cache-Status")).contains("hit");
    assertThat(shop.get("/a", "Cache-Control: min-fresh=60").field("Cache-Status"))
        .contains("fwd=request");
    shop.time.advance(Duration.ofSeconds(50));
    assertThat(shop.get("/a", "Cache-Control: max-age=40").field("Cache-Status"))
        .contains("fwd=request");
    assertThat(shop.asked("/a")).isEqualTo(3);
  }

  @Test
  void guessesALifetimeOnlyFromATimeOfChange() {
    long born = shop.time.millis() / 1_000;
    String changed = "Last-Modified: " + HttpDate.format(born - 1_000);
    shop.page("/dated", "x", changed).page("/plain", "x", "ETag: \"e\"");
    shop.get("/dated");
    shop.get("/plain");
    shop.time.advance(Duration.ofSeconds(99));
    assertThat(shop.get("/dated").field("Cache-Status")).contains("hit");
    shop.time.advance(Duration.ofSeconds(2));
    assertThat(shop.get("/dated").field("Cache-Status")).doesNotContain("; hit; ttl");
    assertThat(shop.get("/plain").field("Cache-Status")).doesNotContain("freshet; hit; ttl");
  }

  @Test
  void aRuleSharesWithEverybodyWhoeverAsked() {
    shop.close();
    shop = new Shopfront(Shopfront.rule("/**", Share.PUBLIC, Duration.ofMinutes(1)));
    shop.page("/a", "x", "Set-Cookie: session=1");
    assertThat(shop.get("/a", "Cookie: session=2").fields().toString())
        .doesNotContain("Set-Cookie");
    assertThat(shop.get("/a").field("Cache-Status")).contains("hit");
  }
}
