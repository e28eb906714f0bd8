package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import dev.freshet.sql.Statement;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is found by its octets is what was put under just these.
class FamiliarTest {
  private static final Statement NONE = Statement.read("select 1");

  private static Question question(String key) {
    return new Question(NONE, null, new byte[0], new byte[0], key);
  }

  @ParameterizedTest
  @ValueSource(longs = {26, 27, 28})
  void neverTakesOneForAnother(long seed) {
    Rolls rolls = new Rolls(seed);
    Familiar familiar = new Familiar(1 << 20);
    Map<String, Question> put = new HashMap<>();
    int found = 0;
    for (int i = 0; i < 20_000; i++) {
      String session = "session " + rolls.between(0, 1);
      String text = "x".repeat(9 * rolls.between(0, 4)) + rolls.between(0, 100);
      byte[] octets = text.getBytes(StandardCharsets.US_ASCII);
      ByteBuf in = Unpooled.buffer().writeZero(3).writeBytes(octets).writeByte(7);
      long number = familiar.session(session);
      long hash = Familiar.hash(number, null, in, 3, 3 + octets.length);
      // As if it were a very bad one, now and then.
      long weak = seed == 28 ? hash & 0xf0000L : hash;
      Question known = familiar.find(weak, number, null, in, 3, 3 + octets.length);
      String full = session + text;
      if (known == null) {
        Question made = question(full);
        familiar.put(weak, number, null, octets, made);
        put.put(full, made);
      } else {
        found++;
        assertThat(known).as("seed %s, step %s", seed, i).isSameAs(put.get(full));
      }
    }
    assertThat(found).isGreaterThan(seed == 28 ? 5 : 1_000);
  }

  @Test
  void staysWithinItsOctets() {
    int octets = 1 << 20;
    Familiar familiar = new Familiar(octets);
    for (int i = 0; i < 5_000; i++) {
      byte[] text = ("select " + i + "x".repeat(3_000)).getBytes(StandardCharsets.US_ASCII);
      ByteBuf in = Unpooled.wrappedBuffer(text);
      familiar.put(Familiar.hash(1, null, in, 0, text.length), 1, null, text, question("" + i));
      assertThat(familiar.weight()).isLessThan(octets);
    }
    assertThat(familiar.weight()).isGreaterThan(octets / 2);
  }

  @Test
  void whatCameOnceIsForgottenForWhatComesLater() {
    Sightings sightings = new Sightings(1_024);
    assertThat(sightings.again(0x1234_0000_0000_0001L)).isFalse();
    assertThat(sightings.again(0x1234_0000_0000_0001L)).isTrue();
    assertThat(sightings.again(0x9876_0000_0000_0001L)).isFalse();
    assertThat(sightings.again(0x1234_0000_0000_0001L)).isFalse();
  }
}
