package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class IntegrityTest {
  private final List<String> found = new ArrayList<>();
  private int unclear;
  private final Integrity integrity = new Integrity(found::add, () -> unclear++);

  private void read(String text) {
    integrity.feed(Ascii.octets(text));
    integrity.end();
  }

  @Test
  void findsADigestHoweverItIsWritten() {
    String digest = "oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC";
    String named = "384" + digest.substring(0, 20);
    for (String text :
        new String[] {
          "<script integrity=\"sha384-" + digest + "\" src=a>",
          "<link integrity=SHA384-" + digest + ">",
          "ssha384-" + digest,
          "sha384-" + digest.replace("+", "&#43;").replace("/", "&#x2F;"),
          "\"sha384-" + digest.replace("/", "\\/").replace("+", "\\u002b") + "\"",
          "sha256-x sha384-" + digest.replace("+", "\\x2B") + "?ct",
          "sha384-" + digest.replace('+', '-').replace('/', '_')
        }) {
      found.clear();
      read(text);
      assertThat(found).as(text).contains(named);
    }
    assertThat(unclear).isZero();
  }

  @Test
  void knowsWhenAScriptPutsOneTogether() {
    read("s.integrity = 'sha384-' + hashes[id]; t = `sha256-${h}`");
    assertThat(found).isEmpty();
    assertThat(unclear).isEqualTo(2);
    read("sha-384, sha384 - and sha256-based words, sha512-");
    assertThat(unclear).isEqualTo(2);
  }

  @Test
  void namesWhatItFindsAsContentsAreNamedWhereverPiecesEnd() {
    Rolls rolls = new Rolls(91);
    for (int round = 0; round < 200; round++) {
      byte[] content = rolls.bytes(rolls.between(0, 50));
      found.clear();
      StringBuilder text = new StringBuilder("<p>s sh sha ");
      for (String size : List.of("256", "384", "512")) {
        text.append(" sha").append(size).append('-').append(base64(size, content)).append('"');
      }
      byte[] octets = Ascii.octets(text.toString());
      int from = 0;
      while (from < octets.length) {
        int to = Math.min(octets.length, from + rolls.between(1, 40));
        integrity.feed(Arrays.copyOfRange(octets, from, to));
        from = to;
      }
      integrity.end();
      assertThat(found)
          .as("round %d, seed %d", round, rolls.seed())
          .containsExactlyElementsOf(Integrity.of(content));
    }
  }

  private static String base64(String size, byte[] content) {
    try {
      return Base64.getEncoder()
          .encodeToString(MessageDigest.getInstance("SHA-" + size).digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
