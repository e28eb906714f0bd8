package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whose beginning is read ahead, and what is learnt of it.
@Timeout(60)
class PictureHeadsTest {
  private static final String SITE = "https://shop.test";
  private static final String LAST = SITE + "/last.png";
  private final Map<String, Size> known = new ConcurrentHashMap<>();
  private final List<RequestHead> asked = new CopyOnWriteArrayList<>();
  private final CountDownLatch last = new CountDownLatch(1);
  private final PictureHeads heads =
      new PictureHeads(System::nanoTime, Duration.ZERO, known::containsKey, this::learn);

  private void learn(String url, Size size) {
    known.put(url, size);
    if (url.equals(LAST)) {
      last.countDown();
    }
  }

  @AfterEach
  void close() {
    heads.close();
  }

  private void answers(int status, String type, String... more) throws IOException {
    byte[] png = PictureReaderTest.image("png", 300, 200);
    heads.by((head, octets) -> {
      asked.add(head);
      boolean isLast = head.target().equals("/last.png");
      Fields fields = Fields.of("Content-Type", isLast ? "image/png" : type);
      for (int i = 0; i < more.length && !isLast; i += 2) {
        fields.add(FieldName.of(more[i]), more[i + 1]);
      }
      byte[] start = Arrays.copyOf(png, Math.min(octets, png.length));
      return CompletableFuture.completedFuture(
          new PictureHead(isLast ? 200 : status, fields, start));
    });
  }

  /// They are asked for in order: when the last is known, all before it were looked at.
  private List<String> asked(String... paths) throws InterruptedException {
    heads.want(Arrays.stream(paths).map(SITE::concat).toList());
    heads.want(Set.of(LAST));
    last.await();
    return asked.stream().map(RequestHead::target).toList();
  }

  @Test
  void readsTheBeginningOfWhatNobodyHasLoadedOnce() throws IOException, InterruptedException {
    answers(206, "image/png");
    known.put(SITE + "/loaded.png", new Size(1, 1));
    heads.want(Set.of(SITE + "/a.png"));
    assertThat(asked("/a.png", "/loaded.png", "/b.PNG"))
        .containsExactly("/a.png", "/b.PNG", "/last.png");
    assertThat(known).containsEntry(SITE + "/a.png", new Size(300, 200));
    Fields fields = asked.getFirst().fields();
    assertThat(fields.first(FieldName.RANGE)).isEqualTo("bytes=0-16383");
    assertThat(fields.first(FieldName.COOKIE)).isNull();
  }

  /// Under its own port it would be asked of the app again, and kept twice.
  @Test
  void asksForItAsVisitorsDo() throws IOException, InterruptedException {
    answers(206, "image/png");
    heads.want(Set.of("https://Shop.test:443/a.png"));
    asked();
    assertThat(asked).extracting(RequestHead::authority).containsOnly("shop.test");
  }

  @Test
  void asksForNothingBehindWhichSomebodyMayCount() throws IOException, InterruptedException {
    answers(200, "image/png");
    assertThat(
            asked("/pixel.gif?visit=7", "/counter", "/count.php", "/" + "a".repeat(600) + ".png"))
        .containsExactly("/last.png");
  }

  @ParameterizedTest
  @CsvSource({
    "200, image/png, Cache-Control, private",
    "200, image/png, Cache-Control, no-store",
    "200, image/png, Set-Cookie, a=b",
    "200, image/png, Vary, Cookie",
    "200, image/png, Content-Encoding, gzip",
    "200, text/html, Age, 1",
    "404, image/png, Age, 1",
  })
  void learnsNothingOfWhatIsNotTheSameForEverybody(
      int status, String type, String field, String value)
      throws IOException, InterruptedException {
    answers(status, type, field, value);
    assertThat(asked("/a.png")).containsExactly("/a.png", "/last.png");
    assertThat(known).containsOnlyKeys(LAST);
  }

  @Test
  void learnsOfWhatDiffersByItsCodingOnly() throws IOException, InterruptedException {
    answers(200, "image/png", "Vary", "Accept, Accept-Encoding", "Cache-Control", "no-cache");
    asked("/a.png");
    assertThat(known).containsEntry(SITE + "/a.png", new Size(300, 200));
  }

  @Test
  void goesOnAfterWhatFails() throws InterruptedException {
    CountDownLatch all = new CountDownLatch(3);
    heads.by((head, octets) -> {
      all.countDown();
      if (head.target().equals("/c.png")) {
        throw new IllegalStateException("closed");
      }
      return CompletableFuture.failedFuture(new IOException("it broke off"));
    });
    heads.want(List.of(SITE + "/c.png", SITE + "/d.png", SITE + "/e.png"));
    all.await();
    assertThat(known).isEmpty();
  }
}
