package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class OriginNamesTest {
  private final OriginsFixture edge = new OriginsFixture();
  private final FakeTime time = new FakeTime(0);
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicReference<@Nullable String> answer = new AtomicReference<>("10.0.0.1");

  @AfterEach
  void close() {
    edge.close();
  }

  private InetAddress[] lookUp(String host) throws UnknownHostException {
    asked.incrementAndGet();
    String now = answer.get();
    if (now == null) {
      throw new UnknownHostException(host);
    }
    return new InetAddress[] {InetAddress.getByName(now)};
  }

  private String resolve(OriginNames names) {
    AtomicReference<String> out = new AtomicReference<>("");
    edge.loop.execute(() ->
        names.resolve(
            edge.loop,
            found -> out.set(found.getFirst().getHostAddress()),
            failure -> out.set("failed " + failure)));
    edge.awaitThat(() -> !out.get().isEmpty());
    return out.get();
  }

  @Test
  void asksOnceAndRemembers() {
    OriginNames names = new OriginNames("shop.example", time, this::lookUp);
    assertThat(resolve(names)).isEqualTo("10.0.0.1");
    assertThat(resolve(names)).isEqualTo("10.0.0.1");
    assertThat(asked).hasValue(1);
  }

  @Test
  void asksNobodyForAnAddress() {
    assertThat(resolve(new OriginNames("10.1.2.3", time, this::lookUp))).isEqualTo("10.1.2.3");
    assertThat(asked).hasValue(0);
  }

  @Test
  void usesTheOldAnswerWhileItFetchesTheNext() {
    OriginNames names = new OriginNames("shop.example", time, this::lookUp);
    assertThat(resolve(names)).isEqualTo("10.0.0.1");
    answer.set("10.0.0.2");
    time.advance(Duration.ofSeconds(20));
    assertThat(resolve(names)).isEqualTo("10.0.0.1");
    edge.awaitThat(() -> asked.get() == 2);
    edge.awaitThat(() -> resolve(names).equals("10.0.0.2"));
  }

  @Test
  void keepsTheOldAnswerWhenThereIsNoNewOne() {
    OriginNames names = new OriginNames("shop.example", time, this::lookUp);
    assertThat(resolve(names)).isEqualTo("10.0.0.1");
    answer.set(null);
    time.advance(Duration.ofSeconds(20));
    assertThat(resolve(names)).isEqualTo("10.0.0.1");
    edge.awaitThat(() -> asked.get() >= 2);
    assertThat(resolve(names)).isEqualTo("10.0.0.1");
  }

  @Test
  void failsWhenThereNeverWasAnAnswerAndAsksAgain() {
    answer.set(null);
    OriginNames names = new OriginNames("shop.example", time, this::lookUp);
    assertThat(resolve(names)).isEqualTo("failed shop.example");
    answer.set("10.0.0.3");
    List<String> next = List.of(resolve(names));
    assertThat(next).containsExactly("10.0.0.3");
  }
}
