package dev.freshet.pgwire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import dev.freshet.pgwire.ScramServer.Outcome;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Spoilt messages, as they may come over a wire: each is taken, denied or refused, and never is
/// there another exception; who took what was spoilt did not sign it.
///
/// Run with `-Dfuzz.cases=1000000` for the long run and `-Dfuzz.seed=N` to repeat one.
class ScramFuzzTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final byte[] HASH = Scram.hash(new byte[] {1});
  private static final List<String> PIECES =
      List.of(
          ",",
          "=",
          ",,",
          "\0",
          "m=1,",
          "a=x,",
          "n=",
          "r=",
          ",p=",
          ",i=",
          ",s=",
          "=2C",
          "=3D",
          "=2",
          "\u00ff",
          "\u00c3\u00a9",
          "AAAA",
          "====",
          "9999999999",
          "-1",
          "p=tls-unique,,");

  private final ScramKeys keys = ScramKeys.derive("pencil", new byte[] {1, 2, 3}, 1);
  private int denied;
  private int granted;
  private int refused;

  @Test
  void survivesWhateverIsSent() {
    int cases = Integer.getInteger("fuzz.cases", 5_000);
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    for (int i = 0; i < cases; i++) {
      try {
        one(new Rolls(seed + i));
      } catch (LoginRefused e) {
        refused++;
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + (seed + i), e);
      }
    }
    // All three ends were reached, or the messages were not spoilt as they should be.
    assertThat(List.of(granted, denied, refused)).as("seed %d", seed).allMatch(n -> n > 0);
  }

  private void one(Rolls rolls) throws LoginRefused {
    byte[] hash = rolls.chance(0.5) ? HASH : null;
    List<String> offered = ScramServer.mechanisms(hash);
    ScramClient client = ScramClient.withKeys(name(rolls), keys, offered, hash, RANDOM);
    ScramServer server = ScramServer.begin(client.mechanism(), keys.verifier(), hash, RANDOM);
    int target = rolls.between(0, 3);
    byte[] first = spoilIf(target == 0, client.first(), rolls);
    byte[] challenge = spoilIf(target == 1, server.first(first), rolls);
    byte[] last = client.last(challenge);
    byte[] sent = spoilIf(target == 2, last, rolls);
    Outcome outcome = server.last(sent);
    switch (outcome) {
      case Outcome.Denied d -> denied++;
      case Outcome.Granted g -> {
        // The proof covers every message: it fits only if the server has seen what was signed.
        assertThat(sent).isEqualTo(last);
        byte[] proof = spoilIf(target == 3, g.message(), rolls);
        client.verify(proof);
        assertThat(withoutExtensions(proof)).isEqualTo(withoutExtensions(g.message()));
        granted++;
      }
    }
  }

  private static String name(Rolls rolls) {
    return rolls.chance(0.5) ? "" : rolls.text(rolls.between(1, 12), ",=");
  }

  private static String withoutExtensions(byte[] proof) {
    return new String(proof, ISO_8859_1).replaceFirst(",.*", "");
  }

  private static byte[] spoilIf(boolean doIt, byte[] message, Rolls rolls) {
    if (!doIt || rolls.chance(0.05)) {
      return message;
    }
    if (rolls.chance(0.05)) {
      return rolls.bytes(rolls.between(0, 40));
    }
    StringBuilder out = new StringBuilder(new String(message, ISO_8859_1));
    int wounds = rolls.between(1, 3);
    for (int i = 0; i < wounds && !out.isEmpty(); i++) {
      int at = rolls.between(0, out.length() - 1);
      switch (rolls.between(0, 4)) {
        case 0 -> out.deleteCharAt(at);
        case 1 -> out.insert(at, rolls.oneOf(PIECES));
        case 2 -> out.setCharAt(at, (char) rolls.between(0, 255));
        case 3 -> out.setLength(at);
        default -> {
          int end = rolls.between(at, out.length());
          out.insert(end, out.substring(at, end));
        }
      }
    }
    byte[] spoilt = out.toString().getBytes(ISO_8859_1);
    return Arrays.copyOf(spoilt, spoilt.length);
  }
}
