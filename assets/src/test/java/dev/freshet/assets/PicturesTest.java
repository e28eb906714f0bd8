package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Meters;
import dev.freshet.base.Rolls;
import dev.freshet.http.Fields;
import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What is remembered of pictures is bounded, and no page waits for what is known already.
@Timeout(60)
class PicturesTest {
  private static final Size SIZE = new Size(300, 200);
  private final Pictures pictures = new Pictures();

  @Test
  void tellsWhoeverWaitsOnceAndWhoeverComesLateAtOnce() {
    assertThat(pictures.await("/a", "page")).isFalse();
    assertThat(pictures.await("/a", "other")).isFalse();
    assertThat(pictures.learn("/a", SIZE)).containsExactly("page", "other");
    assertThat(pictures.await("/a", "late")).as("known by now").isTrue();
    assertThat(pictures.learn("/a", new Size(3, 2))).isEmpty();
  }

  @Test
  void forgetsTheOldestOfTooManyAndNeverLearnsALongName() {
    String longest = "/" + "a".repeat(511);
    for (String name : new String[] {longest, longest + "a"}) {
      assertThat(pictures.await(name, "page")).isFalse();
      assertThat(pictures.await("/short", name)).isFalse();
    }
    assertThat(pictures.learn("/short", SIZE)).containsExactly(longest);
    assertThat(pictures.learn(longest, SIZE)).containsExactly("page");
    assertThat(pictures.learn(longest + "a", SIZE)).isEmpty();
    assertThat(pictures.size(longest + "a")).isNull();
    for (int i = 0; i <= 5_000; i++) {
      pictures.await("/" + i, "page");
    }
    assertThat(pictures.learn("/0", SIZE)).as("given up for others").isEmpty();
    assertThat(pictures.learn("/1", SIZE)).containsExactly("page");
  }

  /// The page is long behind its picture, so that the picture is often learnt while it is read.
  @Test
  void aPageThatIsMadeWhileItsPictureIsSeenIsTheBetterOneOrTold()
      throws IOException, InterruptedException {
    byte[] picture = PictureReaderTest.image("png", 300, 200);
    Fields html = Fields.of("Content-Type", "text/html; charset=utf-8");
    byte[][] page = {Ascii.octets("<head></head><img src=/p.png>" + "text ".repeat(40_000))};
    Rolls rolls = new Rolls(System.nanoTime());
    for (int i = 0; i < 200; i++) {
      Set<String> told = ConcurrentHashMap.newKeySet();
      Assets assets = new Assets(new Meters(), told::add);
      CyclicBarrier together = new CyclicBarrier(2);
      int turns = rolls.between(0, 20_000);
      Thread other =
          Thread.ofPlatform()
              .start(() -> {
                meet(together);
                for (int turn = 0; turn < turns; turn++) {
                  Thread.onSpinWait();
                }
                assets.seen(
                    "http://shop.test/p.png",
                    Fields.of("Content-Type", "image/png"),
                    new byte[][] {picture});
              });
      meet(together);
      RewrittenPage made =
          assets.stored("name", "http://shop.test/", html, false, Names.NONE, page);
      other.join();
      boolean isBetter = made != null && made.inserted().sized() == 1;
      assertThat(isBetter || told.contains("name")).as("seed %d, %d", rolls.seed(), i).isTrue();
    }
  }

  private static void meet(CyclicBarrier together) {
    try {
      together.await();
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aPageAwaitsABoundedNumberOfPictures() {
    PageRewriter rewriter =
        new PageRewriter(new PageAddress("http://shop.test/"), url -> null, false, Set.of());
    for (int i = 0; i < 1_000; i++) {
      rewriter.feed(Ascii.octets("<img src=/" + i / 2 + ".png>"));
    }
    assertThat(rewriter.missing()).hasSize(200).contains("http://shop.test/199.png");
  }

  @Test
  void countsPagesIntoWhichSomethingWasPut() {
    Assets assets = new Assets(new Meters(), name -> {});
    Fields html = Fields.of("Content-Type", "text/html; charset=utf-8");
    byte[][] plain = {Ascii.octets("<p>nothing to do")};
    byte[][] large = {Ascii.octets("<img src=a width=800 height=600>")};
    for (byte[][] page : Arrays.asList(plain, large)) {
      assertThat(assets.stored("name", "http://shop.test/", html, false, Names.NONE, page))
          .isNotNull();
    }
    assertThat(assets.describe()).containsEntry("pages", 1L).containsEntry("first", 1L);
  }
}
