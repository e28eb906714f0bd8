package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import dev.freshet.gateway.RawPg.Said;
import dev.freshet.pgwire.LoginRefused;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Malformed, truncated and hostile messages from clients, before and after login: nobody sees what
/// another asked for, honest clients beside are served, and nothing leaks.
///
/// Run with `-Dfuzz.cases=100000` for the long run and `-Dfuzz.seed=N` to repeat one.
@Timeout(1_800)
class ClientFuzzTest {
  private static final Pattern MARK = Pattern.compile("mark-([0-9]+)-x");
  private static final int LANES = 6;

  @Test
  void survivesWhateverClientsSay() throws ExecutionException, InterruptedException {
    int cases = Integer.getInteger("fuzz.cases", 3_000);
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    try (Gateway gateway = Backstage.gateway(4);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int lane = 0; lane < LANES; lane++) {
        int mine = lane;
        all.add(
            threads.submit(() -> {
              for (int i = mine; i < cases && wrong.isEmpty(); i += LANES) {
                one(gateway, seed + i, i, wrong);
              }
              return true;
            }));
      }
      try (RawPg honest = RawPg.open(gateway)) {
        int asked = 0;
        while (all.stream().anyMatch(lane -> !lane.isDone())) {
          String mark = "honest-" + asked++;
          List<Said> answers = honest.ask(Say.query("select '" + mark + "'"));
          assertThat(answers).as("seed " + seed).hasSize(4);
          assertThat(answers.get(1).values()).as("seed " + seed).containsExactly(mark);
        }
        assertThat(asked).as("seed " + seed).isPositive();
      } catch (IOException | LoginRefused e) {
        throw new AssertionError("seed " + seed, e);
      }
      for (Future<?> one : all) {
        one.get();
      }
      assertThat(wrong).as("seed " + seed).isEmpty();
      VanishingClientTest.isAtRest(gateway, 0, 4);
    }
    assertThat(Leaks.found()).as("seed " + seed).isEmpty();
  }

  private static void one(
      Gateway gateway, long seed, int number, ConcurrentLinkedQueue<String> wrong)
      throws IOException, LoginRefused {
    Rolls rolls = new Rolls(seed);
    boolean isBefore = rolls.chance(0.2);
    try (RawPg client = isBefore ? RawPg.connect(gateway.address().port()) : RawPg.open(gateway)) {
      byte[] said = isBefore ? greeting(rolls) : conversation(rolls, number);
      int at = 0;
      while (at < said.length) {
        int n = rolls.chance(0.7) ? said.length - at : rolls.between(1, said.length - at);
        client.send(Arrays.copyOfRange(said, at, at + n));
        at += n;
      }
      client.endOfWords();
      listen(client, number, wrong);
    } catch (SocketException | EOFException e) {
      // The gateway may hang up on it at any time.
      return;
    }
  }

  /// Reads to the end; whatever comes must be whole messages without another's mark.
  private static void listen(RawPg client, int number, ConcurrentLinkedQueue<String> wrong)
      throws IOException {
    while (true) {
      Said said = client.read();
      Matcher marks = MARK.matcher(said.toString());
      while (marks.find()) {
        if (Integer.parseInt(marks.group(1)) != number) {
          wrong.add("case " + number + " saw " + marks.group());
        }
      }
    }
  }

  private static byte[] greeting(Rolls rolls) {
    byte[] out =
        switch (rolls.between(0, 3)) {
          case 0 -> Say.startup("user", rolls.text(5, "'\""), "database", "shop");
          case 1 -> Say.startup("user", "app", "options", rolls.text(20, " -=c\\"));
          case 2 -> Say.cancel(rolls.between(0, 1 << 20), rolls.bytes(rolls.between(0, 40)));
          default ->
              Say.all(
                  Say.startup("user", "app", "database", "shop"),
                  Say.sasl("SCRAM-SHA-256", rolls.bytes(rolls.between(0, 60))));
        };
    return spoilt(rolls, out);
  }

  private static byte[] conversation(Rolls rolls, int number) {
    String mark = "mark-" + number + "-x";
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int n = rolls.between(1, 6); n > 0; n--) {
      byte[] next = sentence(rolls, mark);
      out.writeBytes(rolls.chance(0.15) ? spoilt(rolls, next) : next);
    }
    byte[] all = out.toByteArray();
    return rolls.chance(0.3) ? spoilt(rolls, all) : all;
  }

  private static byte[] sentence(Rolls rolls, String mark) {
    String name = rolls.oneOf(List.of("", "a", "b", "c"));
    return switch (rolls.between(0, 15)) {
      case 0, 1 -> Say.query("select '" + mark + "'");
      case 2 -> Say.query("begin; select '" + mark + "'");
      case 3 -> Say.all(Say.run("select '" + mark + "'"), Say.sync());
      case 4 -> Say.parse(name, "select '" + mark + "', $1");
      case 5 -> Say.bind(name, name, "1");
      case 6 -> Say.execute(name, rolls.between(0, 2));
      case 7 -> Say.describe(rolls.chance(0.5) ? 'S' : 'P', name);
      case 8 -> Say.close(rolls.chance(0.5) ? 'S' : 'P', name);
      case 9 -> Say.sync();
      case 10 -> Say.flush();
      case 11 -> Say.all(Say.query("copy (select '" + mark + "') to stdout"), Say.sync());
      case 12 ->
          Say.all(
              Say.query("create temp table t (x text); copy t from stdin"),
              Say.copyData(mark + "\n"),
              rolls.chance(0.5) ? Say.copyDone() : Say.copyFail("no"));
      case 13 -> Say.query("select 1 / 0; select '" + mark + "'");
      case 14 -> Say.message((char) rolls.between(0, 255), rolls.bytes(rolls.between(0, 30)));
      default -> Say.query("set application_name = '" + mark + "'; select '" + mark + "'");
    };
  }

  private static byte[] spoilt(Rolls rolls, byte[] sound) {
    byte[] out = sound.clone();
    if (out.length == 0) {
      return out;
    }
    for (int n = rolls.between(1, 3); n > 0; n--) {
      int at = rolls.between(0, out.length - 1);
      switch (rolls.between(0, 4)) {
        case 0 -> out[at] = (byte) rolls.between(0, 255);
        case 1 -> out[at] ^= (byte) (1 << rolls.between(0, 7));
        case 2 -> out = Arrays.copyOf(out, Math.max(1, at));
        case 3 -> out[Math.min(out.length - 1, rolls.between(1, 4))] = (byte) rolls.between(0, 255);
        default -> out = Say.all(out, rolls.bytes(rolls.between(1, 20)));
      }
    }
    return out;
  }
}
