package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.http.Fields;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a browser may keep, and for how long (RFC 9111).
class PrivateCacheTest {
  private static final String NOW = "Sun, 06 Nov 1994 08:49:37 GMT";
  private static final long MILLIS = 784_111_777_000L;
  private static final long SECOND = 1_000_000_000;
  private final PrivateCache cache = new PrivateCache();
  private final Call call = Call.get("/a");

  private void keep(int status, String... fields) {
    Reply reply = new Reply(status, Fields.of(fields), 0, 0, null);
    cache.keep(call, "", reply, List.of(), 0, 0, MILLIS);
  }

  private boolean isFresh(long seconds) {
    return cache.fresh(call, "", seconds * SECOND) != null;
  }

  /// `~` between a field's name and value; `@` stands for the present date.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 | Cache-Control~max-age=60 | 60",
        "200 | Cache-Control~max-age=60~Age~20 | 40",
        "200 | Cache-Control~private, max-age=60 | 60",
        "200 | Cache-Control~s-maxage=60~ETag~\"a\" | 0",
        "200 | Cache-Control~no-cache, max-age=60~ETag~\"a\" | 0",
        "200 | Cache-Control~no-store, max-age=60 | 0",
        "200 | Vary~*~Cache-Control~max-age=60 | 0",
        "200 | Date~@~Expires~Sun, 06 Nov 1994 08:50:07 GMT | 30",
        "200 | Expires~0~ETag~\"a\" | 0",
        "200 | Date~@~Last-Modified~Sun, 06 Nov 1994 08:47:57 GMT | 10",
        "404 | Date~@~Last-Modified~Sun, 06 Nov 1994 08:47:57 GMT | 10",
        "403 | Date~@~Last-Modified~Sun, 06 Nov 1994 08:47:57 GMT | 0",
        "403 | Cache-Control~max-age=60 | 60",
        "500 | Cache-Control~max-age=60 | 0",
        "206 | Cache-Control~max-age=60 | 0",
        "200 | Date~Sun, 06 Nov 1994 08:49:27 GMT~Cache-Control~max-age=60 | 50",
      })
  void whatIsKeptIsFreshForSoLong(int status, String fields, long seconds) {
    keep(status, fields.replace("@", NOW).split("~"));
    assertThat(isFresh(seconds)).isFalse();
    assertThat(isFresh(Math.max(0, seconds - 1))).isEqualTo(seconds > 0);
  }

  @Test
  void a304MakesItFreshAgainAndKeepsWhatItDoesNotSay() {
    keep(200, "Cache-Control", "max-age=10", "ETag", "\"a\"");
    keep(304, "ETag", "\"a\"");
    assertThat(isFresh(9)).isTrue();
    assertThat(cache.conditional(call, "").header("If-None-Match")).isEqualTo("\"a\"");
    keep(304, "Cache-Control", "max-age=20");
    assertThat(isFresh(19)).isTrue();
    assertThat(cache.conditional(call, "").header("If-None-Match")).isEqualTo("\"a\"");
  }

  @Test
  void aWriteEndsWhatIsKeptOfItsAddress() {
    keep(200, "Cache-Control", "max-age=10");
    Call write = new Call("w", "POST", "/a", List.of(), new byte[0], false, 0);
    cache.keep(write, "", Reply.of(500), List.of(), 0, 0, MILLIS);
    assertThat(isFresh(1)).isTrue();
    cache.keep(write, "", Reply.of(201), List.of(), 0, 0, MILLIS);
    assertThat(isFresh(1)).isFalse();
  }

  @Test
  void whatIsSelectedByCookiesIsForTheSameCookies() {
    Reply reply =
        new Reply(200, Fields.of("Cache-Control", "max-age=9", "Vary", "Cookie"), 0, 0, null);
    cache.keep(call, "s=1", reply, List.of(), 0, 0, MILLIS);
    assertThat(cache.fresh(call, "s=1", 0)).isNotNull();
    assertThat(cache.fresh(call, "s=2", 0)).isNull();
    assertThat(cache.conditional(call, "s=2")).isSameAs(call);
  }

  @Test
  void whoseAnswerIsLookedAtIsAsked() {
    keep(200, "Cache-Control", "max-age=10", "ETag", "\"a\"");
    Call looked = new Call("s", "GET", "/a", List.of(), new byte[0], true, 0);
    assertThat(cache.fresh(looked, "", 0)).isNull();
    assertThat(cache.conditional(looked, "")).isSameAs(looked);
    Call reload =
        new Call(
            "s",
            "GET",
            "/a",
            List.of(new Call.Header("Cache-Control", "no-cache")),
            new byte[0],
            false,
            0);
    assertThat(cache.fresh(reload, "", 0)).isNull();
  }

  @Test
  void itHoldsAThousandAnswersTheLastUsedOnes() {
    keep(200, "Cache-Control", "max-age=10");
    for (int i = 0; i < 1_500; i++) {
      Reply reply = new Reply(200, Fields.of("Cache-Control", "max-age=9"), 0, 0, null);
      cache.keep(Call.get("/" + i), "", reply, List.of(), 0, 0, MILLIS);
      assertThat(isFresh(1)).isTrue();
    }
    assertThat(cache.fresh(Call.get("/400"), "", 0)).isNull();
    assertThat(cache.fresh(Call.get("/1400"), "", 0)).isNotNull();
  }
}
