package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.pgwire.LoginRefused;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What clients that share one server connection are told of its parameters.
@Timeout(60)
class ReportedTest {
  private static final Gateway GATEWAY = Backstage.gateway(1);
  private static final byte[] ASKS = Say.query("select 1 as one");
  private static final String ONE = "C SELECT 1, Z I]";

  @AfterAll
  static void close() {
    GATEWAY.close();
  }

  @Test
  void nobodyIsToldWhatBecomesOfAnothersSettings() throws IOException, LoginRefused {
    try (RawPg sets = RawPg.open(GATEWAY);
        RawPg plain = RawPg.open(GATEWAY)) {
      String wanted = plain.ask(ASKS).toString();
      assertThat(wanted).endsWith(ONE);
      assertThat(sets.ask(Say.query("set datestyle to 'German'")).toString()).contains("C SET, S ");
      assertThat(plain.ask(ASKS).toString()).isEqualTo(wanted);
      // Who has set it knows.
      assertThat(sets.ask(ASKS).toString()).isEqualTo(wanted);
      assertThat(sets.ask(Say.query("reset datestyle")).toString()).contains("C RESET, S ");
      assertThat(sets.ask(ASKS).toString()).isEqualTo(wanted);
    }
  }

  /// What a client asks for by words of its own is told in the server's as soon as these are known.
  @Test
  void isToldOnceWhatItDoesNotKnow() throws IOException, LoginRefused {
    try (RawPg plain = RawPg.open(GATEWAY);
        RawPg german = RawPg.open(GATEWAY, "DateStyle", "german")) {
      String wanted = plain.ask(ASKS).toString();
      String told = german.ask(ASKS).toString();
      assertThat(told).startsWith("[S ").endsWith(wanted.substring(1));
      assertThat(plain.ask(ASKS).toString()).isEqualTo(wanted);
      assertThat(german.ask(ASKS).toString()).isEqualTo(wanted);
    }
  }
}
