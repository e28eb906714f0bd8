package dev.freshet.edge;

import static dev.freshet.testkit.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cache.Purged;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.testkit.RawClient.Response;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// RFC 9111 from outside, one rule a test.
class EdgeCachingTest {
  private Shopfront shop = new Shopfront();

  @AfterEach
  void close() {
    shop.close();
  }

  private void with(RouteRule... rules) {
    shop.close();
    shop = new Shopfront(rules);
  }

  @Test
  void servesAFreshResponseWithItsAgeWithoutAskingAgain() {
    shop.page("/a", "hello", "Cache-Control: max-age=60");
    Response first = shop.get("/a");
    shop.time.advance(Duration.ofSeconds(7));
    Response second = shop.get("/a");
    assertThat(first.field("Cache-Status"))
        .isEqualTo("freshet; fwd=uri-miss; fwd-status=200; stored");
    assertThat(second.text()).isEqualTo("hello");
    assertThat(second.field("Age")).isEqualTo("7");
    assertThat(second.field("Cache-Status")).isEqualTo("freshet; hit; ttl=53");
    assertThat(shop.asked("/a")).isEqualTo(1);
  }

  @Test
  void asksAgainWhenALifetimeIsOver() {
    shop.page("/a", "hello", "Cache-Control: max-age=5");
    shop.get("/a");
    shop.time.advance(Duration.ofSeconds(6));
    shop.page("/a", "new", "Cache-Control: max-age=5");
    assertThat(shop.get("/a").text()).isEqualTo("new");
  }

  @Test
  void confirmsAStaleResponseAndTakesOverItsNewFields() {
    shop.page("/a", "hello", "Cache-Control: max-age=5", "ETag: \"v1\"");
    shop.get("/a");
    shop.time.advance(Duration.ofSeconds(6));
    Response confirmed = shop.get("/a");
    assertThat(confirmed.text()).isEqualTo("hello");
    assertThat(confirmed.field("X-Confirmed")).isEqualTo("yes");
    assertThat(confirmed.field("Cache-Status")).contains("hit; fwd=stale; fwd-status=304");
    shop.time.advance(Duration.ofSeconds(30));
    assertThat(shop.get("/a").field("Cache-Status")).contains("hit");
    assertThat(shop.asked("/a")).isEqualTo(2);
  }

  @Test
  void keepsAVariantForEachSelectingValue() {
    shop.page("/a", "one", "Cache-Control: max-age=60", "Vary: X-Kind");
    shop.get("/a", "X-Kind: 1");
    shop.page("/a", "two", "Cache-Control: max-age=60", "Vary: X-Kind");
    assertThat(shop.get("/a", "X-Kind: 2").field("Cache-Status")).contains("fwd=vary-miss");
    assertThat(shop.get("/a", "X-Kind: 1").text()).isEqualTo("one");
    assertThat(shop.get("/a", "X-Kind: 2").text()).isEqualTo("two");
    assertThat(shop.asked("/a")).isEqualTo(2);
  }

  @Test
  void answersRangesFromWhatIsStored() {
    shop.page("/a", "0123456789", "Cache-Control: max-age=60", "ETag: \"v1\"");
    shop.get("/a");
    Response part = shop.get("/a", "Range: bytes=2-4");
    assertThat(part.status()).isEqualTo(206);
    assertThat(part.text()).isEqualTo("234");
    assertThat(part.field("Content-Range")).isEqualTo("bytes 2-4/10");
    assertThat(shop.get("/a", "Range: bytes=-3").text()).isEqualTo("789");
    Response beyond = shop.get("/a", "Range: bytes=20-");
    assertThat(beyond.status()).isEqualTo(416);
    assertThat(beyond.field("Content-Range")).isEqualTo("bytes */10");
    assertThat(shop.get("/a", "Range: bytes=0-1", "If-Range: \"other\"").status()).isEqualTo(200);
    assertThat(shop.asked("/a")).isEqualTo(1);
  }

  @Test
  void storesNothingThatCdnCacheControlForbidsBesideADirectiveOfTheWrongType() {
    shop.page("/a", "a", "CDN-Cache-Control: no-store, max-age=1.5", "Cache-Control: max-age=60");
    assertThat(shop.get("/a").field("Cache-Status")).contains("detail=no-store");
    assertThat(shop.get("/a").field("Cache-Status")).doesNotContain("hit");
  }

  /// Browsers send these as they are.
  @Test
  void forgetsUrlsWithCharactersThatShouldHaveBeenEncoded() {
    String odd = "/p|^`{}<>\"/%zz?q=a|b[]\"&r=%";
    shop.page(odd, "odd", "Cache-Control: max-age=60");
    shop.get(odd);
    assertThat(purged("http://Shop.test" + odd + "#x", false)).isEqualTo(1);
    shop.get(odd);
    assertThat(shop.edge.purgePrefix("http://shop.test/P|^", false).entries()).isZero();
    assertThat(shop.edge.purgePrefix("HTTP://Shop.test/p|^", false).entries()).isEqualTo(1);
    shop.get(odd);
    assertThat(shop.asked(odd)).isEqualTo(3);
  }

  @Test
  void forgetsWhatAWriteNamesWithCharactersThatShouldHaveBeenEncoded() {
    shop.page("/b|c?d={}%", "b", "Cache-Control: max-age=60");
    shop.page("/c", "c", "Cache-Control: max-age=60");
    shop.raw(
        "POST /a?x=|",
        String.join(
            "\r\n",
            "HTTP/1.1 201 Created",
            "Location: b|c?d={}%",
            "Content-Location: /c",
            "Content-Length: 0",
            "",
            ""),
        "");
    shop.get("/b|c?d={}%");
    shop.get("/c");
    shop.client().ask("POST", "/a?x=|", "Content-Length: 0");
    assertThat(shop.get("/b|c?d={}%").field("Cache-Status")).doesNotContain("hit");
    assertThat(shop.get("/c").field("Cache-Status")).doesNotContain("hit");
  }

  /// RFC 9110, section 14.1.2: of a representation without octets the only satisfiable range is a
  /// suffix that isn't empty, and no Content-Range can name what that is.
  @Test
  void answersASuffixOfNothingWithAllOfItAndRefusesAnyOtherRangeOfNothing() {
    shop.page("/a", "", "Cache-Control: max-age=60");
    shop.get("/a");
    Response end = shop.get("/a", "Range: bytes=-5");
    assertThat(end.status()).isEqualTo(200);
    assertThat(end.field("Content-Range")).isEmpty();
    assertThat(end.field("Content-Length")).isEqualTo("0");
    for (String range : new String[] {"0-", "0-4", "-0"}) {
      Response none = shop.get("/a", "Range: bytes=" + range);
      assertThat(none.status()).as(range).isEqualTo(416);
      assertThat(none.field("Content-Range")).isEqualTo("bytes */0");
    }
    assertThat(shop.asked("/a")).isEqualTo(1);
  }

  @Test
  void storesAPartAndServesWhatLiesInIt() {
    shop.raw(
        "/a",
        String.join(
            "\r\n",
            "HTTP/1.1 206 Partial Content",
            "Cache-Control: max-age=60",
            "Content-Range: bytes 4-7/10",
            "Content-Length: 4",
            "",
            ""),
        "4567");
    assertThat(shop.get("/a", "Range: bytes=4-7").status()).isEqualTo(206);
    assertThat(shop.get("/a", "Range: bytes=5-6").text()).isEqualTo("56");
    assertThat(shop.asked("/a")).isEqualTo(1);
    shop.get("/a", "Range: bytes=0-6");
    assertThat(shop.asked("/a")).isEqualTo(2);
  }

  @Test
  void answersConditionalRequestsItself() {
    shop.page("/a", "hello", "Cache-Control: max-age=60", "ETag: \"x\"");
    shop.get("/a");
    Response same = shop.get("/a", "If-None-Match: \"y\", \"x\"");
    assertThat(same.status()).isEqualTo(304);
    assertThat(same.field("ETag")).isEqualTo("\"x\"");
    assertThat(shop.get("/a", "If-None-Match: \"y\"").status()).isEqualTo(200);
  }

  @Test
  void forgetsAUrlAfterASuccessfulWriteAndKeepsItAfterAFailedOne() {
    shop.page("/a", "old", "Cache-Control: max-age=60")
        .page("/b", "b", "Cache-Control: max-age=60");
    shop.raw("POST /a", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", "");
    shop.get("/a");
    shop.get("/b");
    shop.client().ask("POST", "/a", "Content-Length: 0");
    assertThat(shop.get("/a").field("Cache-Status")).contains("hit");
    shop.raw("POST /a", "HTTP/1.1 201 Created\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n", "");
    shop.client().ask("POST", "/a", "Content-Length: 0");
    shop.page("/a", "new", "Cache-Control: max-age=60");
    assertThat(shop.get("/a").text()).isEqualTo("new");
    assertThat(shop.get("/b").field("Cache-Status")).contains("fwd=");
  }

  @Test
  void neverSharesWhatBelongsToOneUser() {
    shop.page("/cookie", "mine", "Cache-Control: max-age=60", "Set-Cookie: sid=1");
    shop.page("/auth", "mine", "Cache-Control: max-age=60");
    shop.page("/session", "mine", "Cache-Control: max-age=60");
    shop.page("/private", "mine", "Cache-Control: private, max-age=60");
    assertThat(shop.get("/cookie").field("Cache-Status")).contains("detail=set-cookie");
    assertThat(shop.get("/auth", "Authorization: Basic eA==").field("Cache-Status"))
        .contains("detail=authorization");
    assertThat(shop.get("/session", "Cookie: PHPSESSID=1").field("Cache-Status"))
        .contains("detail=session-cookie");
    assertThat(shop.get("/private").field("Cache-Status")).contains("detail=private");
    for (String path : new String[] {"/cookie", "/auth", "/session", "/private"}) {
      assertThat(shop.get(path).field("Cache-Status")).as(path).doesNotContain("hit");
    }
  }

  @Test
  void doesNotServeAnAnonymousCopyToASessionUnlessTheOriginSaysPublic() {
    shop.page("/a", "hello guest", "Cache-Control: max-age=60");
    shop.get("/a");
    shop.page("/a", "hello ann", "Cache-Control: max-age=60");
    assertThat(shop.get("/a", "Cookie: session=ann").text()).isEqualTo("hello ann");
    assertThat(shop.get("/a").text()).isEqualTo("hello guest");
    shop.page("/b", "all", "Cache-Control: public, max-age=60");
    shop.get("/b");
    assertThat(shop.get("/b", "Cookie: session=ann").field("Cache-Status")).contains("hit");
  }

  @Test
  void aPublicRuleTakesCookiesAwayBothWays() {
    with(Shopfront.rule("/static/**", Share.PUBLIC, Duration.ofHours(1)));
    shop.page("/static/a.css", "body{}", "Content-Type: text/css", "Set-Cookie: sid=1");
    Response first = shop.get("/static/a.css", "Cookie: sid=7");
    assertThat(first.field("Set-Cookie")).isEmpty();
    assertThat(shop.lastHead()).doesNotContain("Cookie");
    Response second = shop.get("/static/a.css", "Cookie: sid=8");
    assertThat(second.field("Cache-Status")).contains("hit");
    assertThat(second.field("Set-Cookie")).isEmpty();
  }

  /// As many frameworks say of every page that looked at its session: here none came to the app.
  @Test
  void aPublicRuleSharesAlsoWhatIsSaidToVaryByCookies() {
    with(Shopfront.rule("/**", Share.PUBLIC, Duration.ofHours(1)));
    shop.page("/a", "all", "Vary: Accept-Language, Cookie", "ETag: \"v1\"");
    shop.get("/a", "Cookie: sid=7; _ga=1");
    assertThat(shop.get("/a", "Cookie: sid=8").field("Cache-Status")).contains("hit");
    assertThat(shop.get("/a", "Accept-Language: de").field("Cache-Status")).contains("vary-miss");
    shop.time.advance(Duration.ofHours(2));
    assertThat(shop.get("/a", "Cookie: sid=9").field("Cache-Status")).contains("fwd-status=304");
    assertThat(shop.get("/a", "Cookie: sid=10").field("Cache-Status")).contains("hit");
  }

  /// The app saw an address that no client sent: another's request can't be compared with it.
  @Test
  void neverSharesWhatVariesByAFieldThatIsWrittenOnTheWay() {
    for (String name : new String[] {"X-Forwarded-For", "Forwarded", "X-Request-Id", "Via"}) {
      shop.page("/a", "you are 127.0.0.1", "Cache-Control: public, max-age=60", "Vary: " + name);
      assertThat(shop.get("/a").field("Cache-Status")).contains("detail=vary-star");
      assertThat(shop.get("/a").field("Cache-Status")).doesNotContain("hit");
    }
  }

  @Test
  void aByUserRuleKeepsUsersApartAndPurgesThemTogether() {
    with(Shopfront.rule("/me", Share.BY_USER, Duration.ofMinutes(1)));
    shop.page("/me", "ann");
    assertThat(shop.get("/me", "Cookie: sid=ann").text()).isEqualTo("ann");
    shop.page("/me", "bob");
    assertThat(shop.get("/me", "Cookie: sid=bob").text()).isEqualTo("bob");
    assertThat(shop.get("/me", "Cookie: sid=ann").text()).isEqualTo("ann");
    assertThat(shop.asked("/me")).isEqualTo(2);
    assertThat(purged("http://shop.test/me", false)).isEqualTo(2);
    shop.page("/me", "ann again");
    assertThat(shop.get("/me", "Cookie: sid=ann").text()).isEqualTo("ann again");
  }

  /// Which of two counts differs from app to app: a page made for one could be found by the other.
  @Test
  void aByUserRuleGoesByEachCookieThatIsSaidTwice() {
    for (RouteRule rule :
        new RouteRule[] {
          Shopfront.rule("/me", Share.BY_USER, Duration.ofMinutes(1)),
          new RouteRule(
              "/me",
              true,
              Duration.ofMinutes(1),
              null,
              null,
              null,
              Share.BY_USER,
              List.of("sid"),
              true,
              null,
              null)
        }) {
      with(rule);
      shop.page("/me", "ann");
      assertThat(shop.get("/me", "Cookie: sid=ann; sid=eve").text()).isEqualTo("ann");
      shop.page("/me", "eve");
      assertThat(shop.get("/me", "Cookie: sid=eve").text()).isEqualTo("eve");
      shop.page("/me", "eve again");
      assertThat(shop.get("/me", "Cookie: sid=eve; sid=ann").text()).isEqualTo("eve again");
      assertThat(shop.get("/me", "Cookie: sid=ann; sid=eve").text()).isEqualTo("ann");
    }
  }

  /// Browsers send what has no name without `=`.
  @Test
  void aByUserRuleGoesByCookiesWithoutAName() {
    with(Shopfront.rule("/me", Share.BY_USER, Duration.ofMinutes(1)));
    shop.page("/me", "ann");
    assertThat(shop.get("/me", "Cookie: ann").text()).isEqualTo("ann");
    shop.page("/me", "bob");
    assertThat(shop.get("/me", "Cookie: bob").text()).isEqualTo("bob");
    assertThat(shop.get("/me", "Cookie: =carl").text()).isEqualTo("bob");
    assertThat(shop.asked("/me")).isEqualTo(3);
  }

  /// Who has no cookie yet is nobody's stranger: all of these share.
  @Test
  void aByUserRuleKeepsNoAnswerThatSetsACookie() {
    with(Shopfront.rule("/me", Share.BY_USER, Duration.ofMinutes(1)));
    shop.page("/me", "welcome", "Set-Cookie: sid=1");
    Response first = shop.get("/me");
    assertThat(first.field("Set-Cookie")).isEqualTo("sid=1");
    assertThat(first.field("Cache-Status")).contains("detail=set-cookie");
    shop.page("/me", "welcome", "Set-Cookie: sid=2");
    assertThat(shop.get("/me").field("Set-Cookie")).isEqualTo("sid=2");
  }

  @Test
  void aPublicRuleKeepsNothingThatWasMadeForSomebodyUnlessTheAppSaysSo() {
    with(Shopfront.rule("/api/**", Share.PUBLIC, Duration.ofHours(1)));
    shop.page("/api/me", "ann's");
    Response first = shop.get("/api/me", "Authorization: Bearer ann");
    assertThat(first.text()).isEqualTo("ann's");
    assertThat(first.field("Cache-Status")).contains("detail=authorization");
    shop.page("/api/me", "anybody's");
    assertThat(shop.get("/api/me").text()).isEqualTo("anybody's");
    assertThat(shop.get("/api/me", "Authorization: Bearer bob").text()).isEqualTo("anybody's");
    shop.page("/api/all", "all", "Cache-Control: public, max-age=60");
    shop.get("/api/all", "Authorization: Bearer ann");
    assertThat(shop.get("/api/all").field("Cache-Status")).contains("hit");
  }

  @Test
  void ignoresTrackingParametersAndWhatNoVarySearchNames() {
    shop.page("/a", "x", "Cache-Control: max-age=60");
    shop.get("/a");
    assertThat(shop.get("/a?utm_source=mail&fbclid=1").field("Cache-Status")).contains("hit");
    shop.page("/b?q=1&s=2", "y", "Cache-Control: max-age=60", "No-Vary-Search: params=(\"s\")");
    shop.get("/b?q=1&s=2");
    assertThat(shop.get("/b?q=1&s=3").field("Cache-Status")).contains("hit");
    assertThat(shop.get("/b?q=2&s=3").status()).isEqualTo(404);
  }

  /// Else whoever sends a link with them has a page made with them, for everybody.
  @Test
  void theAppMakesNothingWithParametersThatItsKeyLeavesOut() {
    String fresh = "Cache-Control: max-age=60";
    shop.page("/p", "page", fresh).page("/p?q=1", "found", fresh).page("/p?q=1&s=2", "both");
    assertThat(shop.get("/p?utm_content=odd").text()).isEqualTo("page");
    assertThat(shop.get("/p?gclid=1&q=1&utm_term=a;q=2").text()).isEqualTo("found");
    assertThat(shop.get("/p?q=1").field("Cache-Status")).contains("hit");
    shop.client().ask("HEAD", "/p?utm_content=odd", "Cache-Control: no-cache");
    assertThat(shop.lastHead()).startsWith("HEAD /p HTTP/1.1");
    shop.client().ask("POST", "/p?utm_content=odd", "Content-Length: 0");
    assertThat(shop.lastHead()).startsWith("POST /p?utm_content=odd HTTP/1.1");
  }

  @Test
  void theAppSeesAllParametersOfWhatPassesByTheCache() {
    shop.page("/p?utm_content=odd", "page");
    shop.get("/p?utm_content=odd", "Cache-Control: no-store");
    assertThat(shop.lastHead()).startsWith("GET /p?utm_content=odd HTTP/1.1");
  }

  /// Else a purge, or a write, would leave what those see who name the scheme's own port.
  @Test
  void aSiteWithItsOwnPortIsTheSameSite() {
    shop.page("/a", "old", "Cache-Control: max-age=60");
    assertThat(shop.getFrom("Shop.test:80", "/a").text()).isEqualTo("old");
    assertThat(shop.lastHead()).contains("\r\nHost: shop.test\r\n", "host=shop.test;");
    assertThat(shop.getFrom("shop.test", "/a").field("Cache-Status")).contains("hit");
    assertThat(shop.getFrom("shop.test:", "/a").field("Cache-Status")).contains("hit");
    assertThat(shop.getFrom("shop.test:8080", "/a").field("Cache-Status")).contains("uri-miss");
    assertThat(purged("http://shop.test:80/a", false)).isEqualTo(1);
    shop.getFrom("shop.test:80", "/a");
    assertThat(shop.edge.purgePrefix("http://shop.test:80/", false).entries()).isEqualTo(1);
    shop.getFrom("shop.test:80", "/a");
    shop.raw(
        "POST /b",
        "HTTP/1.1 201 Created\r\nLocation: http://shop.test:80/a\r\nContent-Length: 0\r\n\r\n",
        "");
    shop.client().ask("POST", "/b", "Content-Length: 0");
    shop.page("/a", "new", "Cache-Control: max-age=60");
    assertThat(shop.getFrom("shop.test:80", "/a").text()).isEqualTo("new");
  }

  private long purged(String url, boolean soft) {
    return shop.edge.purgeUrl(url, soft).stream().mapToLong(Purged::entries).sum();
  }

  @Test
  void aPurgeFindsWhatWasStoredBeforeItsResourceSaidWhatMatters() {
    shop.page("/b?s=1", "old", "Cache-Control: max-age=60");
    shop.page("/b?s=2", "y", "Cache-Control: max-age=60", "No-Vary-Search: params=(\"s\")");
    shop.get("/b?s=1");
    shop.get("/b?s=2");
    assertThat(purged("http://shop.test/b?s=1", false)).isEqualTo(2);
    shop.page("/b?s=3", "z", "Cache-Control: max-age=60");
    shop.get("/b?s=3");
    shop.page("/b?s=1", "new", "Cache-Control: max-age=60");
    assertThat(shop.get("/b?s=1").text()).isEqualTo("new");
  }

  @Test
  void purgesGroupsAndHonoursInvalidationByResponse() {
    shop.page("/a", "a", "Cache-Control: max-age=60", "Cache-Groups: \"products\"");
    shop.page("/b", "b", "Cache-Control: max-age=60", "Surrogate-Key: x products");
    shop.page("/c", "c", "Cache-Control: max-age=60", "Cache-Tag: other");
    for (String path : new String[] {"/a", "/b", "/c"}) {
      shop.get(path);
    }
    assertThat(shop.edge.purgeGroup("products", false).entries()).isEqualTo(2);
    assertThat(shop.get("/a").field("Cache-Status")).contains("fwd=");
    assertThat(shop.get("/c").field("Cache-Status")).contains("hit");
    shop.raw(
        "PUT /x",
        "HTTP/1.1 200 OK\r\nCache-Group-Invalidation: \"products\"\r\nContent-Length: 0\r\n\r\n",
        "");
    shop.client().ask("PUT", "/x", "Content-Length: 0");
    assertThat(shop.get("/a").field("Cache-Status")).contains("fwd=");
  }

  @Test
  void aSoftPurgeAsksForConfirmationOnly() {
    shop.page("/a", "hello", "Cache-Control: max-age=60", "ETag: \"v1\"");
    shop.get("/a");
    assertThat(purged("http://shop.test/a", true)).isEqualTo(1);
    assertThat(shop.get("/a").field("Cache-Status")).contains("fwd-status=304");
    assertThat(shop.edge.purgePrefix("http://shop.test/", false).entries()).isEqualTo(1);
    assertThat(shop.get("/a").field("Cache-Status")).contains("fwd=uri-miss");
    assertThat(shop.edge.purgeAll(false).entries()).isEqualTo(1);
  }

  @Test
  void bridgesAnOriginThatCantBeReachedForAWhile() {
    shop.page("/a", "hello", "Cache-Control: max-age=5");
    shop.page("/strict", "hello", "Cache-Control: max-age=5, must-revalidate");
    shop.get("/a");
    shop.get("/strict");
    shop.origin.close();
    shop.time.advance(Duration.ofSeconds(20));
    assertThat(shop.get("/a").field("Cache-Status")).contains("detail=stale");
    assertThat(shop.get("/strict").status()).isEqualTo(502);
    shop.time.advance(Duration.ofMinutes(2));
    assertThat(shop.get("/a").status()).isEqualTo(502);
  }

  @Test
  void servesStaleOnAnErrorOnlyWhereItMay() {
    shop.page("/a", "good", "Cache-Control: max-age=5, stale-if-error=60");
    shop.page("/b", "good", "Cache-Control: max-age=5");
    shop.get("/a");
    shop.get("/b");
    String broken = "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n";
    shop.raw("/a", broken, "").raw("/b", broken, "");
    shop.time.advance(Duration.ofSeconds(10));
    assertThat(shop.get("/a").text()).isEqualTo("good");
    assertThat(shop.get("/b").status()).isEqualTo(503);
  }

  @Test
  void onlyIfCachedNeverReachesTheOrigin() {
    assertThat(shop.get("/a", "Cache-Control: only-if-cached").status()).isEqualTo(504);
    assertThat(shop.origin.heads()).isEmpty();
  }

  @Test
  void anAmbiguousPathGetsNoRule() {
    with(Shopfront.rule("/static/**", Share.PUBLIC, Duration.ofHours(1)));
    shop.page("/static/..%2faccount", "secret");
    assertThat(shop.get("/static/..%2faccount").field("Cache-Status"))
        .contains("detail=no-freshness");
    shop.page("/static/me.css", "<p>secret", "Content-Type: text/html");
    assertThat(shop.get("/static/me.css").field("Cache-Status")).contains("detail=type-mismatch");
  }

  @Test
  void dropsFieldsThatCouldPoisonTheCache() {
    shop.page("/a", "x");
    shop.get(
        "/a",
        "X-Forwarded-Host: evil.test",
        "X-Original-URL: /admin",
        "X-Forwarded-For: 9.9.9.9",
        "X-Request-Id: <script>evil()</script>");
    assertThat(shop.lastHead())
        .contains("X-Forwarded-Host: shop.test", "X-Forwarded-For: 127.0.0.1", "Via: 1.1 freshet")
        .doesNotContain("evil", "X-Original-URL", "9.9.9.9");
  }

  /// Apps that follow CGI can't tell `_` from `-` in a name, and don't know what Freshet took out.
  @Test
  void dropsFieldsThatPassForOthersWithAnUnderscore() {
    shop.page("/a", "x");
    shop.get(
        "/a",
        "X_Forwarded_Host: evil.test",
        "X-Forwarded_For: evil",
        "x_original_url: /evil",
        "Accept_Language: evil",
        "X_HTTP_Method-Override: EVIL",
        "api_key: mine");
    assertThat(shop.lastHead()).contains("api_key: mine").doesNotContainIgnoringCase("evil");
  }

  @Test
  void dropsWhatElseClaimsWhereARequestComesFrom() {
    shop.page("/a", "x");
    shop.get(
        "/a",
        "X-Real-IP: evil",
        "True-Client-IP: evil",
        "CF-Connecting-IP: evil",
        "X-Forwarded-Ssl: evil",
        "X-Forwarded-Protocol: evil",
        "Front-End-Https: evil");
    assertThat(shop.lastHead()).doesNotContain("evil");
  }

  /// Without validators a head says nothing of the content.
  @Test
  void aHeadsAnswerDoesNotUndoASoftPurge() {
    shop.page("/a", "old", "Cache-Control: max-age=60");
    await(() -> String.valueOf(shop.get("/a").field("Cache-Status")).contains("; hit"), "a hit");
    assertThat(purged("http://shop.test/a", true)).isEqualTo(1);
    shop.page("/a", "new", "Cache-Control: max-age=60");
    assertThat(shop.client().ask("HEAD", "/a").status()).isEqualTo(200);
    assertThat(shop.get("/a").text()).isEqualTo("new");
  }

  /// A list of many things is in as many groups: each of them has to find it.
  @Test
  void aPurgeFindsWhatIsInManyGroups() {
    StringBuilder keys = new StringBuilder("Surrogate-Key:");
    for (int i = 0; i < 400; i++) {
      keys.append(" product-").append(i);
    }
    shop.page("/list", "old", "Cache-Control: max-age=60", keys.toString());
    shop.get("/list");
    assertThat(shop.get("/list").field("Cache-Status")).contains("hit");
    shop.page("/list", "new", "Cache-Control: max-age=60");
    shop.edge.purgeGroup("product-399", false);
    assertThat(shop.get("/list").text()).isEqualTo("new");
  }
}
