package dev.freshet.app;

import static dev.freshet.app.Reading.ORIGIN;
import static dev.freshet.app.Reading.read;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// How long the gateway holds answers to writes.
class FenceSettingsTest {
  @Test
  void answersToWritesAreHeldWhereResultsLiveByTheirRows() {
    String database = ORIGIN + "database: postgresql://app:x@127.0.0.1/shop\n";
    assertThat(fence(database)).isNull();
    assertThat(fence(database + "gateway: { cache: { comments: on } }")).isNull();
    assertThat(fence(database + "gateway: { cache: { rows: on } }"))
        .isEqualTo(Duration.ofSeconds(1));
    assertThat(fence(database + "gateway: { cache: { rules: [{ table: t, cache: rows }] } }"))
        .isEqualTo(Duration.ofSeconds(1));
    assertThat(fence(database + "gateway: { cache: { rows: on }, fence: off }")).isNull();
    assertThat(fence(database + "gateway: { cache: { rows: on } }\nrows: { fence: off }")).isNull();
    assertThat(fence(database + "gateway: { fence: on }")).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void aFenceThatGivesUpBeforeOtherNodesDoIsRefused() {
    String bare = "database: postgresql://app:x@127.0.0.1/shop\n";
    String database = ORIGIN + bare;
    assertThat(Reading.troublesOf(bare + "gateway: { fence: 300ms }"))
        .singleElement()
        .asString()
        .contains("gateway.fence", "rows.fence (1000 ms)");
    assertThat(Reading.troublesOf(bare + "gateway: { fence: on }\nrows: { fence: 2s }")).hasSize(1);
    assertThat(fence(database + "gateway: { fence: 300ms }\nrows: { fence: 300ms }"))
        .isEqualTo(Duration.ofMillis(300));
    assertThat(fence(database + "gateway: { fence: 300ms }\nrows: { fence: off }"))
        .isEqualTo(Duration.ofMillis(300));
  }

  private static @Nullable Duration fence(String text) {
    return Objects.requireNonNull(read(text).gateway()).results().fence();
  }
}
