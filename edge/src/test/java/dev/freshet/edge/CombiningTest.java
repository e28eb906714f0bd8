package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import dev.freshet.testkit.Eventually;
import dev.freshet.testkit.RawClient;
import dev.freshet.testkit.RawClient.Response;
import dev.freshet.testkit.ScriptedOrigin;
import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Stored parts become one (RFC 9111, section 3.4; RFC 9110, section 15.3.7.3). What is stored is
/// told by requests that let nobody ask the app.
class CombiningTest {
  private static final String URL = "http://shop.test/a";

  private final Shopfront shop = Shopfront.told(CombiningTest::patient);
  private final RawClient client = shop.client();
  private volatile String content = "0123456789";
  private volatile String tag = "\"one\"";
  private volatile List<String> more = List.of();

  CombiningTest() {
    shop.act("/a", this::play);
  }

  /// With clients whose time is not over when the test moves the time.
  private static EdgeConfig patient(EdgeConfig plain) {
    FrontConfig front = plain.fronts().getFirst();
    Duration day = Duration.ofDays(1);
    return plain.withFronts(
        List.of(
            new FrontConfig(
                front.listen(),
                null,
                front.maxConnections(),
                front.maxHead(),
                front.maxTarget(),
                front.maxFields(),
                front.maxContent(),
                day,
                day,
                day,
                front.contentRate(),
                day,
                front.maxStreams())));
  }

  @AfterEach
  void close() {
    shop.close();
  }

  /// An app that knows ranges, tags and conditions.
  private void play(ScriptedOrigin.Peer peer, String head) throws IOException {
    String now = content;
    String range = field(head, "range");
    StringBuilder out = new StringBuilder();
    String part = now;
    if (tag.equals(field(head, "if-none-match"))) {
      out.append("HTTP/1.1 304 Not Modified\r\n");
      part = "";
    } else if (range == null) {
      out.append("HTTP/1.1 200 OK\r\nContent-Length: ").append(now.length()).append("\r\n");
    } else {
      int dash = range.indexOf('-');
      int first = Integer.parseInt(range.substring(6, dash));
      int last = Math.min(now.length() - 1, Integer.parseInt(range.substring(dash + 1)));
      part = now.substring(first, last + 1);
      out.append("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + first + "-" + last);
      out.append("/" + now.length() + "\r\nContent-Length: " + part.length() + "\r\n");
    }
    out.append("ETag: ").append(tag).append("\r\n");
    for (String line : more) {
      out.append(line).append("\r\n");
    }
    boolean isOwn = more.stream().anyMatch(line -> line.startsWith("Cache-Control"));
    peer.send(out + (isOwn ? "\r\n" : "Cache-Control: max-age=60\r\n\r\n") + part);
  }

  private static @Nullable String field(String head, String name) {
    int at = head.toLowerCase(Locale.ROOT).indexOf("\r\n" + name + ": ");
    int from = at + name.length() + 4;
    return at < 0 ? null : head.substring(from, head.indexOf('\r', from));
  }

  private Response get(int first, int last) {
    return client.get("/a", "Range: bytes=" + first + "-" + last);
  }

  /// From what is stored, or 504.
  private Response stored(int first, int last, String... lines) {
    String[] all = new String[lines.length + 2];
    System.arraycopy(lines, 0, all, 2, lines.length);
    all[0] = "Range: bytes=" + first + "-" + last;
    all[1] = "Cache-Control: only-if-cached";
    return client.get("/a", all);
  }

  private Response storedWhole() {
    return client.get("/a", "Cache-Control: only-if-cached");
  }

  /// Has a part fetched and waits until it is stored.
  private void fetch(int first, int last) {
    assertThat(get(first, last).text()).isEqualTo(content.substring(first, last + 1));
    Eventually.await(() -> stored(first, last).status() == 206, "the part to be stored");
  }

  @Test
  void partsThatTouchAnswerForRangesAcrossThem() {
    fetch(0, 3);
    fetch(7, 8);
    assertThat(stored(2, 7).status()).as("with a gap").isEqualTo(504);
    fetch(3, 6);
    Response across = stored(2, 7);
    assertThat(across.status()).isEqualTo(206);
    assertThat(across.text()).isEqualTo("234567");
    assertThat(across.field("Content-Range")).isEqualTo("bytes 2-7/10");
    assertThat(across.field("Content-Length")).isEqualTo("6");
    assertThat(storedWhole().status()).isEqualTo(504);
  }

  @Test
  void allPartsAreTheWhole() {
    fetch(5, 9);
    fetch(0, 5);
    Response whole = storedWhole();
    assertThat(whole.status()).isEqualTo(200);
    assertThat(whole.text()).isEqualTo("0123456789");
    assertThat(whole.field("Content-Length")).isEqualTo("10");
    assertThat(whole.field("Content-Range")).isEmpty();
    assertThat(whole.field("ETag")).isEqualTo("\"one\"");
    assertThat(client.get("/a", "Range: bytes=-3").text()).isEqualTo("789");
    assertThat(client.get("/a", "If-None-Match: \"one\"").status()).isEqualTo(304);
    assertThat(shop.asked("/a")).isEqualTo(2);
  }

  /// Else a client that asks for all of it in parts keeps everybody else from a coding.
  @Test
  void aWholeOfPartsIsCodedAsAnyOther() throws IOException {
    content = "0123456789".repeat(300);
    more = List.of("Content-Type: text/plain");
    fetch(0, 1_499);
    fetch(1_500, 2_999);
    Response coded = client.get("/a", "Accept-Encoding: gzip", "Cache-Control: only-if-cached");
    assertThat(coded.field("Content-Encoding")).isEqualTo("gzip");
    assertThat(coded.unzipped()).isEqualTo(content);
    assertThat(storedWhole().text()).isEqualTo(content);
    assertThat(storedWhole().field("Vary")).isEqualToIgnoringCase("Accept-Encoding");
  }

  @Test
  void newFieldsTakeThePlaceOfOldOnes() {
    more = List.of("X-Kept: old", "X-New: old", "Cache-Control: max-age=10");
    fetch(0, 4);
    shop.time.advance(Duration.ofSeconds(8));
    more = List.of("X-New: new", "Cache-Control: max-age=20");
    fetch(5, 7);
    shop.time.advance(Duration.ofSeconds(8));
    Response both = stored(0, 7);
    assertThat(both.text()).isEqualTo("01234567");
    assertThat(both.field("X-New")).isEqualTo("new");
    assertThat(both.field("X-Kept")).isEqualTo("old");
    assertThat(both.field("Age")).isEqualTo("8");
    shop.time.advance(Duration.ofSeconds(13));
    assertThat(stored(0, 7).status()).as("when its time is over").isEqualTo(504);
  }

  /// The app has just said that this is what the tag stands for.
  @Test
  void aNewPartConfirmsStaleOnes() {
    fetch(0, 4);
    shop.time.advance(Duration.ofSeconds(61));
    assertThat(stored(0, 4).status()).isEqualTo(504);
    fetch(5, 6);
    assertThat(stored(0, 6).text()).isEqualTo("0123456");
  }

  @Test
  void aNewPartConfirmsAStaleWhole() {
    client.get("/a");
    Eventually.await(() -> storedWhole().status() == 200, "the whole to be stored");
    shop.time.advance(Duration.ofSeconds(61));
    fetch(2, 3);
    assertThat(storedWhole().text()).isEqualTo("0123456789");
    assertThat(storedWhole().status()).isEqualTo(200);
  }

  /// The app may have spoken of what was before.
  @Test
  void aPartThatWasAskedForBeforeASoftPurgeConfirmsNothing() {
    client.get("/a");
    Eventually.await(() -> storedWhole().status() == 200, "the whole to be stored");
    shop.time.advance(Duration.ofSeconds(61));
    CountDownLatch go = new CountDownLatch(1);
    shop.act(
        "/a",
        (peer, head) -> {
          go.await();
          play(peer, head);
        });
    try (RawClient other = shop.client()) {
      other.send("GET /a HTTP/1.1\r\nHost: shop.test\r\nRange: bytes=2-3\r\n\r\n");
      Eventually.await(() -> shop.asked("/a") == 2, "the trip to begin");
      shop.edge.purgeUrl(URL, true);
      go.countDown();
      assertThat(other.response().text()).isEqualTo("23");
    }
    assertThat(storedWhole().status()).isEqualTo(504);
    assertThat(stored(2, 3).status()).isEqualTo(504);
  }

  @Test
  void partsOfAnotherVersionGo() {
    fetch(0, 4);
    tag = "\"two\"";
    content = "abcdefghij";
    fetch(5, 9);
    assertThat(stored(0, 4).status()).isEqualTo(504);
    assertThat(storedWhole().status()).isEqualTo(504);
    assertThat(stored(5, 9).text()).isEqualTo("fghij");
  }

  @ParameterizedTest
  @ValueSource(strings = {"W/\"one\"", "\"\""})
  void aTagThatDoesNotStandForOctetsJoinsNothing(String weak) {
    tag = weak;
    fetch(0, 4);
    fetch(5, 9);
    assertThat(stored(3, 6).status()).isEqualTo(504);
    assertThat(storedWhole().status()).isEqualTo(504);
  }

  @Test
  void anotherLengthUnderTheSameTagIsAnotherVersion() {
    fetch(0, 4);
    content = "0123456789a";
    fetch(5, 9);
    assertThat(stored(3, 6).status()).isEqualTo(504);
  }

  @Test
  void partsOfAnotherVariantAreLeftAlone() {
    more = List.of("Vary: X-Kind");
    fetch(0, 4);
    client.get("/a", "Range: bytes=5-9", "X-Kind: b");
    Eventually.await(() -> stored(5, 9, "X-Kind: b").status() == 206, "the part to be stored");
    assertThat(stored(3, 6).status()).isEqualTo(504);
    assertThat(stored(3, 6, "X-Kind: b").status()).isEqualTo(504);
    fetch(5, 9);
    assertThat(storedWhole().text()).isEqualTo("0123456789");
    assertThat(stored(5, 9, "X-Kind: b").text()).isEqualTo("56789");
  }

  /// Its octets are in it, whatever the last answer said of groups.
  @Test
  void aGroupOfOnePartIsOneOfTheWhole() {
    more = List.of("Surrogate-Key: red");
    fetch(0, 4);
    more = List.of("Surrogate-Key: blue");
    fetch(5, 9);
    assertThat(shop.edge.purgeGroup("red", false).entries()).isEqualTo(1);
    assertThat(storedWhole().status()).isEqualTo(504);
    assertThat(stored(5, 9).status()).isEqualTo(504);
  }

  /// There is no end to the groups that parts may name, but one to those of a response.
  @Test
  void partsThatTogetherAreInTooManyGroupsStayApart() {
    more = List.of("Surrogate-Key:" + keys("red"));
    fetch(0, 4);
    more = List.of("Surrogate-Key:" + keys("blue"));
    fetch(5, 9);
    assertThat(stored(3, 6).status()).isEqualTo(504);
    assertThat(storedWhole().status()).isEqualTo(504);
    assertThat(shop.edge.purgeGroup("blue599", false).entries()).isEqualTo(1);
  }

  private static String keys(String colour) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < 600; i++) {
      out.append(' ').append(colour).append(i);
    }
    return out.toString();
  }

  @Test
  void eachPlaceOfScatteredPartsIsPartOfTheirWeight() {
    content = "0123456789".repeat(4);
    fetch(0, 0);
    long one = shop.edge.cacheSnapshot().weight();
    for (int at = 2; at < 40; at += 2) {
      fetch(at, at);
    }
    assertThat(shop.edge.cacheSnapshot().weight() - one).isGreaterThan(19 * 40);
  }

  /// Against a model that knows of each octet whether it is stored, and whether the app has to
  /// confirm what is stored.
  @Test
  void agreesWithAModelOfOctets() {
    Rolls rolls = new Rolls(System.nanoTime());
    BitSet known = new BitSet();
    boolean isFresh = false;
    String storedTag = "";
    String storedContent = "";
    content = rolls.text(40, "");
    for (int step = 0; step < 250; step++) {
      String place = "seed " + rolls.seed() + ", step " + step;
      int first = rolls.between(0, 39);
      int last = Math.min(39, first + rolls.between(0, 12));
      boolean isAllThere = known.nextClearBit(first) > last;
      switch (rolls.between(0, 19)) {
        case 0 -> {
          tag = "\"v" + step + "\"";
          content = rolls.text(40, "");
        }
        case 1 -> {
          shop.time.advance(Duration.ofSeconds(61));
          isFresh = false;
        }
        case 2 -> {
          shop.edge.purgeUrl(URL, true);
          isFresh = false;
        }
        case 3 -> {
          shop.edge.purgeUrl(URL, false);
          known.clear();
        }
        case 4, 5, 6, 7, 8 -> {
          if (!isAllThere || !isFresh) {
            boolean isSame = tag.equals(storedTag);
            if (!isSame) {
              known.clear();
            }
            storedTag = tag;
            storedContent = content;
            known.set(first, last + 1);
            isFresh = true;
            fetch(first, last);
          }
          assertThat(get(first, last).text())
              .as(place)
              .isEqualTo(storedContent.substring(first, last + 1));
        }
        default -> {
          Response stored = stored(first, last);
          assertThat(stored.status()).as(place).isEqualTo(isAllThere && isFresh ? 206 : 504);
          if (stored.status() == 206) {
            assertThat(stored.field("ETag")).as(place).isEqualTo(storedTag);
            assertThat(stored.text()).as(place).isEqualTo(storedContent.substring(first, last + 1));
          }
        }
      }
      boolean isWhole = isFresh && known.cardinality() == 40;
      assertThat(storedWhole().status()).as(place).isEqualTo(isWhole ? 200 : 504);
    }
  }
}
