package dev.freshet.edge;

import static dev.freshet.edge.RowWorld.product;
import static dev.freshet.edge.RowWorld.reading;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.edge.RouteRule.Share;
import dev.freshet.freshness.Evidence;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.Version;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Who asks within the program is answered as a client is, and told what the answer was made from.
class InnerClientTest {
  private final RowWorld world = new RowWorld(null);
  private Shopfront shop = RowWorld.open(world);

  @AfterEach
  void close() {
    shop.close();
  }

  private void reopen(RouteRule... rules) {
    shop.close();
    shop = Shopfront.on(world.database(), null, rules);
  }

  private InnerAnswer ask(String target, String... fields) {
    RequestHead head =
        new RequestHead("GET", "http", "shop.test", target, Fields.of(fields), Version.HTTP_1_1);
    InetSocketAddress peer = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    return shop.edge.ask(head, peer, 1_000).orTimeout(10, TimeUnit.SECONDS).join();
  }

  private static String text(InnerAnswer answer) {
    return new String(answer.content(), StandardCharsets.UTF_8);
  }

  private static Evidence evidence(InnerAnswer answer) {
    return Objects.requireNonNull(answer.evidence());
  }

  @Test
  void isToldTheEvidenceOfWhatIsMadeAndOfWhatIsStored() {
    shop.act("/p", world.answer("one", reading(product(42))));
    InnerAnswer made = ask("/p");
    assertThat(text(made)).isEqualTo("one");
    assertThat(made.status()).isEqualTo(200);
    InnerAnswer stored = ask("/p");
    assertThat(text(stored)).isEqualTo("one");
    assertThat(stored.cacheStatus()).isEqualTo("freshet; hit");
    assertThat(evidence(stored)).isEqualTo(evidence(made));
    assertThat(world.freshness.isCurrent(evidence(stored))).isTrue();
    world.change(42);
    assertThat(world.freshness.isCurrent(evidence(stored))).isFalse();
    assertThat(shop.get("/p").text()).isEqualTo("one");
  }

  /// Not stored, but what it was made from is known, and that it has changed.
  @Test
  void isToldTheEvidenceOfAnAnswerThatWasOvertaken() {
    shop.act("/p", world.answer("old", reading(product(42)).andThen(trail -> world.change(42))));
    InnerAnswer overtaken = ask("/p");
    assertThat(text(overtaken)).isEqualTo("old");
    assertThat(world.freshness.isCurrent(evidence(overtaken))).isFalse();
  }

  @Test
  void isToldWhoElseIsAnsweredWithTheSame() {
    shop.act("/p", world.answer("one", reading(product(42)), "Vary: Accept-Language"));
    String ann = ask("/p", "Cookie", "sid=ann").sharedAs();
    assertThat(ann).isNotNull();
    assertThat(ask("/p", "Cookie", "sid=ann").sharedAs()).isEqualTo(ann);
    assertThat(ask("/p", "Cookie", "sid=bob").sharedAs()).isNotNull().isNotEqualTo(ann);
    assertThat(ask("/p", "Cookie", "sid=ann", "Accept-Language", "de").sharedAs())
        .isNotNull()
        .isNotEqualTo(ann);
    reopen(Shopfront.rows("/**", Share.PUBLIC));
    shop.act("/p", world.answer("one", reading(product(42))));
    assertThat(ask("/p", "Cookie", "sid=ann").sharedAs())
        .isNotNull()
        .isEqualTo(ask("/p", "Cookie", "sid=bob").sharedAs());
  }

  @Test
  void whatIsForOneAloneIsSharedWithNobody() {
    reopen(RouteRule.plain("/**"));
    shop.page("/p", "mine", "Cache-Control: private");
    InnerAnswer answer = ask("/p", "Cookie", "sid=ann");
    assertThat(text(answer)).isEqualTo("mine");
    assertThat(answer.sharedAs()).isNull();
    assertThat(answer.evidence()).isNull();
    assertThat(answer.cacheStatus()).contains("detail=");
  }

  @Test
  void takesNoMoreThanIsWanted() {
    shop.page("/big", "x".repeat(300_000));
    InnerAnswer answer = ask("/big");
    assertThat(answer.content()).hasSize(1_001);
    assertThat(answer.evidence()).isNull();
    assertThat(ask("/missing").status()).isEqualTo(404);
  }
}
