package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import dev.freshet.gateway.RawPg.Said;
import dev.freshet.pgwire.LoginRefused;
import dev.freshet.testkit.Eventually;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Whatever a client says, in whatever order: what it is answered is what the server answers
/// without a gateway between, message by message and octet for octet.
///
/// Run with `-Dconversation.cases=10000` for the long run and `-Dconversation.seed=N` for others,
/// or to repeat one.
@Timeout(1_800)
class ConversationTest {
  private static final int CASES = Integer.getInteger("conversation.cases", 60);

  /// So many that memory has had its part.
  private static final int ENOUGH = 100;

  private static final int MOST_TRIES = 200;

  private static Gateway steady;
  private static Gateway wandering;
  private static Kitchen remembering;

  /// Lays the table, and is in the way on [Way#WANDERING].
  private static RawPg lays;

  private static RawPg other;

  /// Asks the server itself; null when that has hung up.
  private static @Nullable RawPg direct;

  private static long warmHits;

  @BeforeAll
  static void open() throws SQLException, IOException, LoginRefused {
    Kitchen.laid();
    steady = Backstage.gateway(1);
    wandering = Backstage.gateway(2);
    remembering = new Kitchen();
    lays = RawPg.direct();
    other = RawPg.open(wandering);
    for (String read : Chatter.KEPT) {
      warm(read);
    }
    warmHits = remembering.count("hit");
  }

  /// What a statement reads is worked out beside it.
  private static void warm(String sql) throws IOException, LoginRefused {
    try (RawPg client = RawPg.open(remembering.gateway)) {
      long before = remembering.count("hit");
      Eventually.await(
          () -> {
            ask(client, sql);
            return remembering.count("hit") > before;
          },
          "an answer of " + sql + " from memory");
    }
  }

  private static void ask(RawPg client, String sql) {
    try {
      client.ask(Say.query(sql));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterAll
  static void close() throws IOException {
    if (direct != null) {
      direct.close();
    }
    lays.close();
    other.close();
    steady.close();
    wandering.close();
    remembering.close();
  }

  /// Ways to the server.
  private enum Way {
    /// Always on the same server connection.
    STEADY,
    /// On another one for each step, as far as the session lets go.
    WANDERING,
    /// With answers from memory.
    REMEMBERING;

    RawPg opens() throws IOException, LoginRefused {
      return RawPg.open(
          switch (this) {
            case STEADY -> steady;
            case WANDERING -> wandering;
            case REMEMBERING -> remembering.gateway;
          });
    }
  }

  /// Where a way parts from the server's.
  private record Difference(List<String> after, String direct, String through) {}

  @Test
  void everyAnswerIsTheServersOwn() throws IOException, LoginRefused {
    long seed = Long.getLong("conversation.seed", 1);
    for (int i = 0; i < CASES; i++) {
      Rolls rolls = new Rolls(seed + i);
      Way way = rolls.oneOf(List.of(Way.values()));
      List<List<Chatter.Line>> steps = new Chatter(rolls).steps();
      List<Difference> seen;
      try {
        seen = differences(way, steps);
      } catch (IOException | UncheckedIOException e) {
        throw new AssertionError("conversation.seed " + (seed + i) + ", " + way + ": " + steps, e);
      }
      if (!seen.isEmpty()) {
        List<List<Chatter.Line>> least = shrunk(way, steps);
        List<Difference> again = differences(way, least);
        // One that does not come again is one all the same.
        assertThat(again.isEmpty() ? seen : again)
            .as("conversation.seed %d, %s: %s", seed + i, way, again.isEmpty() ? steps : least)
            .isEmpty();
      }
    }
    if (CASES >= ENOUGH) {
      assertThat(remembering.count("hit") - warmHits)
          .as("conversation.seed %d: answers from memory", seed)
          .isGreaterThan(ENOUGH / 10);
    }
  }

  /// One where the way does not answer as the server does.
  private static List<Difference> differences(Way way, List<List<Chatter.Line>> steps)
      throws IOException, LoginRefused {
    List<String> wanted = wanted(steps);
    List<String> got;
    try (RawPg client = way.opens()) {
      got = play(client, steps, way == Way.WANDERING);
    }
    if (!isWhole(got)) {
      atRest();
    }
    if (got.equals(wanted)) {
      return List.of();
    }
    int at = 0;
    while (at < Math.min(got.size(), wanted.size()) && got.get(at).equals(wanted.get(at))) {
      at++;
    }
    String direct = at < wanted.size() ? wanted.get(at) : "";
    String through = at < got.size() ? got.get(at) : "";
    if (isExcused(direct, through)) {
      return List.of();
    }
    return List.of(new Difference(wanted.subList(0, at), direct, through));
  }

  /// In a transaction that has failed what is named may have to be prepared once more, which is
  /// refused where the server would describe it, or find something else wrong with a Bind.
  private static boolean isExcused(String direct, String through) {
    boolean isOfFailure =
        direct.startsWith("Describe(S ") || direct.contains("=> E 08P01 bind message supplies");
    return isOfFailure && through.contains("=> E 25P02 ");
  }

  /// What the server says; on one connection again and again, made as new each time.
  private static List<String> wanted(List<List<Chatter.Line>> steps)
      throws IOException, LoginRefused {
    RawPg client = direct;
    direct = null;
    if (client == null) {
      client = RawPg.direct();
    }
    List<String> out = play(client, steps, false);
    if (isWhole(out)) {
      client.ask(Say.query("rollback"));
      client.ask(Say.query("discard all"));
      direct = client;
    } else {
      client.close();
      atRest();
    }
    return out;
  }

  private static boolean isWhole(List<String> conversation) {
    return conversation.isEmpty() || conversation.getLast().contains(" Z ");
  }

  /// Nobody works any more whose client has been told the end.
  private static void atRest() throws IOException {
    String others =
        "select count(*) from pg_stat_activity where datname = 'shop' and state = 'active'"
            + " and pid <> pg_backend_pid()";
    Eventually.await(
        () -> {
          try {
            return lays.ask(Say.query(others)).toString().contains("D [0]");
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        "servers at rest");
  }

  /// Without whatever can be left out while the way still differs.
  private static List<List<Chatter.Line>> shrunk(Way way, List<List<Chatter.Line>> steps)
      throws IOException, LoginRefused {
    List<List<Chatter.Line>> least = steps;
    int tries = 0;
    for (int step = least.size() - 1; step >= 0; step--) {
      // The last line of a step is the one that lets the server answer.
      for (int line = least.get(step).size() - 1; line >= 0; line--) {
        if (least.get(step).isEmpty()) {
          break;
        }
        boolean isLast = line == least.get(step).size() - 1;
        List<List<Chatter.Line>> less = new ArrayList<>(least);
        List<Chatter.Line> rest = new ArrayList<>(least.get(step));
        if (isLast) {
          rest.clear();
        } else {
          rest.remove(line);
        }
        less.set(step, rest);
        // Where one takes long, as the absence of an answer does, there is an end of it.
        if (++tries < MOST_TRIES && !differences(way, less).isEmpty()) {
          least = less;
        }
      }
    }
    return least.stream().filter(step -> !step.isEmpty()).toList();
  }

  private static List<String> play(RawPg client, List<List<Chatter.Line>> steps, boolean wanders)
      throws IOException {
    // What was kept of the last conversation is too old for this one.
    remembering.time.advance(Kitchen.TTL);
    lays.ask(Say.query(Chatter.LAYS));
    List<String> out = new ArrayList<>();
    Listener listener = new Listener(client, out);
    for (List<Chatter.Line> step : steps) {
      if (wanders) {
        // Takes the connection that was used last, so that the next step gets the other one.
        other.ask(Say.query("begin"));
      }
      listener.says(step);
      if (wanders) {
        other.ask(Say.query("commit"));
      }
    }
    return out;
  }

  /// Hears the answer to each line, as far as there is to be one.
  private static final class Listener {
    private final RawPg client;
    private final List<String> out;
    private boolean isSkipping;
    private boolean isOver;

    Listener(RawPg client, List<String> out) {
      this.client = client;
      this.out = out;
    }

    void says(List<Chatter.Line> step) throws IOException {
      if (isOver) {
        return;
      }
      try {
        client.send(step.stream().map(Chatter.Line::octets).toArray(byte[][]::new));
      } catch (SocketException e) {
        // What was said last tells.
        isOver = true;
      }
      for (Chatter.Line line : step) {
        isSkipping &= !line.isSync();
        if (!isSkipping && !line.ends().isEmpty() && !isOver) {
          hears(line);
        }
      }
    }

    /// Where in its source the server found an error is not the client's affair.
    private static byte[] compared(Said said) {
      if ("EN".indexOf(said.tag()) < 0) {
        return said.body();
      }
      StringBuilder fields = new StringBuilder();
      for (char field : "SVCMDHPpqWstcdn".toCharArray()) {
        fields.append(field).append(said.field(field)).append('\0');
      }
      return fields.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void hears(Chatter.Line line) throws IOException {
      StringBuilder answer = new StringBuilder(line.shown()).append(" =>");
      try {
        Said said;
        do {
          said = client.read();
          answer.append(' ').append(said).append(' ');
          answer.append(HexFormat.of().formatHex(compared(said)));
        } while (line.ends().indexOf(said.tag()) < 0);
        isSkipping = said.tag() == 'E';
      } catch (EOFException | SocketException e) {
        answer.append(" !");
        isOver = true;
      } catch (SocketTimeoutException e) {
        answer.append(" nothing at all");
        isOver = true;
      }
      out.add(answer.toString());
    }
  }
}
