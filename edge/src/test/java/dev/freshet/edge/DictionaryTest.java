package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdDecompressCtx;
import dev.freshet.base.Meters;
import dev.freshet.base.Rolls;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.Version;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Content against content that clients hold.
class DictionaryTest {
  private static byte[][] pieces(Rolls rolls, byte[] whole) {
    int cut = rolls.between(0, whole.length);
    return new byte[][] {
      Arrays.copyOf(whole, cut), new byte[0], Arrays.copyOfRange(whole, cut, whole.length)
    };
  }

  private static byte[] joined(byte[][] pieces) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] piece : pieces) {
      out.writeBytes(piece);
    }
    return out.toByteArray();
  }

  @Test
  void whatIsCodedAgainstItComesOutAsItWentIn() throws NoSuchAlgorithmException {
    Digests digests = new Digests();
    for (int round = 0; round < 60; round++) {
      Rolls rolls = new Rolls(System.nanoTime());
      byte[] old = rolls.bytes(rolls.between(1, round % 10 == 0 ? 1_500_000 : 20_000));
      byte[] fresh = rolls.bytes(rolls.between(1, 20_000));
      if (rolls.chance(0.7)) {
        System.arraycopy(old, 0, fresh, 0, Math.min(old.length, fresh.length) / 2);
      }
      Dictionary dictionary = Dictionary.of(pieces(rolls, old));
      byte[][] plain = pieces(rolls, fresh);
      byte[] coded = joined(dictionary.encode(plain, digests));
      assertThat(joined(dictionary.encode(plain, digests)))
          .as("once more, by the digest that was kept")
          .isEqualTo(coded);
      String begin = "5e2a4d1820000000" + HexFormat.of().formatHex(sha256(old));
      String seed = "seed " + rolls.seed();
      assertThat(HexFormat.of().formatHex(coded, 0, 40)).as(seed).isEqualTo(begin);
      try (ZstdDecompressCtx decoder = new ZstdDecompressCtx()) {
        decoder.loadDict(old);
        byte[] rest = Arrays.copyOfRange(coded, 40, coded.length);
        assertThat(decoder.decompress(rest, fresh.length)).as(seed).isEqualTo(fresh);
      }
    }
  }

  @Test
  void digestsAreKeptWithinBoundsTheLeastUsedLeaveFirst() {
    Digests digests = new Digests();
    byte[] page = new Rolls(1).bytes(3_000);
    Dictionary often = Dictionary.of(new byte[][] {new Rolls(2).bytes(10_000)});
    for (int i = 0; i < 100; i++) {
      digests.code(often, page);
      digests.code(Dictionary.of(new byte[][] {new Rolls(i + 3L).bytes(20_000)}), page);
    }
    long each = Digests.octets(20_000);
    assertThat(digests.octets())
        .isBetween(Digests.MAX_OCTETS - each, Digests.MAX_OCTETS)
        .isEqualTo(Digests.octets(10_000) + (digests.size() - 1) * each);
    // What alone is larger than all may be is coded all the same.
    int held = digests.size();
    Dictionary huge = Dictionary.of(new byte[][] {new Rolls(1).bytes(1_000_000)});
    assertThat(Digests.octets(1_000_000)).isGreaterThan(Digests.MAX_OCTETS);
    assertThat(digests.code(huge, page)).isNotEmpty();
    assertThat(digests.size()).isEqualTo(held);
    digests.close();
    assertThat(digests.octets()).isZero();
    assertThat(digests.code(often, page)).isNotEmpty();
    assertThat(digests.size()).as("once closed").isZero();
  }

  /// The library frees one at once that is closed, whoever codes against it: the process would end,
  /// or the octets be wrong.
  @Test
  void aDigestThatIsDroppedStaysForThoseWhoUseIt() throws InterruptedException {
    Rolls rolls = new Rolls(4);
    byte[] page = rolls.bytes(200_000);
    Dictionary[] all = new Dictionary[12];
    byte[][] right = new byte[all.length][];
    Digests digests = new Digests();
    for (int i = 0; i < all.length; i++) {
      all[i] = Dictionary.of(new byte[][] {rolls.bytes(100_000), Arrays.copyOf(page, 5_000 * i)});
      right[i] = digests.code(all[i], page);
    }
    List<Thread> users = new ArrayList<>();
    Queue<Integer> wrong = new ConcurrentLinkedQueue<>();
    for (int user = 0; user < 4; user++) {
      Rolls own = new Rolls(user);
      users.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < 60; i++) {
                  int one = own.between(0, all.length - 1);
                  if (!Arrays.equals(digests.code(all[one], page), right[one])) {
                    wrong.add(one);
                  }
                }
              }));
    }
    for (Thread user : users) {
      user.join();
    }
    assertThat(wrong).isEmpty();
    assertThat(digests.octets()).isLessThanOrEqualTo(Digests.MAX_OCTETS);
    digests.close();
  }

  private static byte[] sha256(byte[] of) throws NoSuchAlgorithmException {
    return MessageDigest.getInstance("SHA-256").digest(of);
  }

  private static RequestHead asks(String scheme, String host, String... fields) {
    return new RequestHead("GET", scheme, host, "/a.js", Fields.of(fields), Version.HTTP_1_1);
  }

  @Test
  void whatHasLeftComesBackButNotAtOnce() {
    Dictionaries all = new Dictionaries(new Meters());
    byte[][] content = {new Rolls(1).bytes(2_000)};
    all.keep(content, 0);
    for (int i = 0; i < 12; i++) {
      all.keep(new byte[][] {new Rolls(i + 2L).bytes(1_900_000)}, 0);
    }
    all.keep(content, 9_000);
    assertThat(holds(all, Dictionary.of(content))).isFalse();
    all.keep(content, 10_000);
    assertThat(holds(all, Dictionary.of(content))).isTrue();
  }

  @Test
  void onlyWhoHoldsItAndKnowsTheCodingIsAnsweredSo() throws NoSuchAlgorithmException {
    byte[] old = new Rolls(1).bytes(2_000);
    Dictionaries all = new Dictionaries(new Meters());
    all.keep(new byte[][] {old}, 0);
    String held = ":" + Base64.getEncoder().encodeToString(sha256(old)) + ":";
    String has = "Available-Dictionary";
    String knows = "Accept-Encoding";
    assertThat(all.offered(asks("https", "a.test", has, held, knows, "gzip, dcb, dcz")))
        .isNotNull();
    assertThat(all.offered(asks("http", "localhost:80", has, held, knows, "DCZ;q=0.5")))
        .isNotNull();
    String site = "Sec-Fetch-Site";
    RequestHead[] others = {
      asks("http", "a.test", has, held, knows, "dcz"),
      asks("http", "localhost.a.test", has, held, knows, "dcz"),
      asks("https", "a.test", has, held, knows, "gzip, dcb"),
      asks("https", "a.test", has, held, knows, "dcz;q=0"),
      asks("https", "a.test", has, held, knows, "dcz", site, "cross-site"),
      asks("https", "a.test", has, held),
      asks("https", "a.test", knows, "dcz"),
      asks("https", "a.test", has, held.substring(1), knows, "dcz"),
      asks("https", "a.test", has, "::", knows, "dcz"),
      asks("https", "a.test", has, ":AAAA:", knows, "dcz"),
    };
    for (int i = 0; i < others.length; i++) {
      assertThat(all.offered(others[i])).as("request %d", i).isNull();
    }
  }

  @Test
  void theLeastUsedLeaveWhenThereAreTooMany() {
    Dictionaries all = new Dictionaries(new Meters());
    Rolls rolls = new Rolls(2);
    Dictionary[] made = new Dictionary[20];
    for (int i = 0; i < made.length; i++) {
      made[i] = Dictionary.of(new byte[][] {rolls.bytes(1 << 20)});
      all.keep(made[i]);
      assertThat(holds(all, made[0])).as("asked for again and again").isTrue();
    }
    assertThat(Arrays.stream(made).filter(one -> holds(all, one)).count()).isEqualTo(16);
    assertThat(holds(all, made[19])).isTrue();
    assertThat(holds(all, made[1])).isFalse();
  }

  private static boolean holds(Dictionaries all, Dictionary one) {
    String held = ":" + one.name() + ":";
    return all.offered(
            asks("https", "a.test", "Available-Dictionary", held, "Accept-Encoding", "dcz"))
        != null;
  }

  @ParameterizedTest
  @CsvSource({
    "/js/app.8f5a2c1e.js,/js/app.*.js",
    "/js/app.8f5a2c1e.chunk.js,/js/app.*.chunk.js",
    "/assets/index-B3xKa9Qd.js,/assets/index-*.js",
    "/js/app.js,/js/app.js",
    "/8f5a2c1e/app.js,/8f5a2c1e/app.js",
    "/js/app(1).js,",
    "/js/a*b.js,",
    "/js/a+b.js,",
  })
  void versionsOfAFileAreMetByOnePattern(String path, String match) {
    assertThat(DictionaryFields.match(path)).isEqualTo(match);
  }

  @ParameterizedTest
  @CsvSource({
    "https://a.test/p/1,https://a.test/p/",
    "https://a.test/p/1?q=/x,https://a.test/p/",
    "https://a.test/,https://a.test/",
    "https://a.test/p(1)/2,",
  })
  void pagesOfOneFolderAreTakenForOneTemplate(String url, String folder) {
    assertThat(Templates.folder(url)).isEqualTo(folder);
  }
}
