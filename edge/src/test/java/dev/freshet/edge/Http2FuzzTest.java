package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Spoilt HTTP/2 frames over raw sockets: nothing hangs, and no client ever sees what another asked
/// for. Every case ends in frames that no server may take, so the edge must end the connection.
///
/// Run with `-Dfuzz.cases=100000` for the long run and `-Dfuzz.seed=N` to repeat one.
@Timeout(1_800)
class Http2FuzzTest {
  private static final Pattern MARK = Pattern.compile("mark-([0-9]+)-x");
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);

  /// Completes whatever a spoilt length announced; beyond that it is DATA on no stream, or a head
  /// that is too long.
  private static final byte[] NONSENSE = new byte[40_000];

  private final LoggedFaults faults = new LoggedFaults();
  private final Shopfront shop = new Shopfront();

  @AfterEach
  void close() {
    shop.close();
    faults.close();
  }

  // JUnit ends a test that is interrupted.
  @SuppressWarnings("InterruptedExceptionSwallowed")
  @Test
  void survivesWhateverFramesAreSentAndLeaksNothing() throws Exception {
    int cases = Integer.getInteger("fuzz.cases", 3_000);
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    shop.page("/alive", "alive");
    shop.echoTargets();
    ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    int lanes = 8;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int lane = 0; lane < lanes; lane++) {
        int mine = lane;
        all.add(
            threads.submit(() -> {
              for (int i = mine; i < cases && wrong.isEmpty(); i += lanes) {
                one(seed + i, i, wrong);
              }
              return null;
            }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    assertThat(wrong).as("seed " + seed).isEmpty();
    assertThat(shop.get("/alive").text()).as("seed " + seed).isEqualTo("alive");
    assertThat(faults.seen()).as("seed " + seed).isEmpty();
    assertThat(shop.counter("freshet_edge_faults_total")).as("seed " + seed).isZero();
    try (RawHttp2 client = RawHttp2.to(shop.edge.addresses().getFirst().port())) {
      String text = client.get(1, "/alive").answer(1).text();
      assertThat(text).as("seed " + seed).isEqualTo("alive");
    }
  }

  private void one(long seed, int number, ConcurrentLinkedQueue<String> wrong) {
    Rolls rolls = new Rolls(seed);
    StringBuilder seen = new StringBuilder();
    boolean isSound = rolls.chance(0.5);
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), shop.edge.addresses().getFirst().port())) {
      socket.setSoTimeout(10_000);
      int stream = 1;
      if (isSound) {
        // The first request is left whole and waited for; what follows meets a used connection.
        socket.getOutputStream().write(opening(number));
        while (seen.indexOf("mark-" + number + "-x") < 0) {
          if (!more(socket.getInputStream(), seen)) {
            wrong.add("case " + number + " had no answer to a sound request");
            return;
          }
        }
        stream = 3;
      }
      byte[] spoilt = spoilt(rolls, number, stream, !isSound);
      send(socket, rolls, spoilt);
      socket.getOutputStream().write(NONSENSE);
      boolean goesOn = true;
      while (goesOn) {
        goesOn = more(socket.getInputStream(), seen);
      }
    } catch (SocketTimeoutException e) {
      wrong.add("case " + number + " hung");
    } catch (IOException e) {
      // Reset by the edge while we still wrote: it may. Whether it lives is asked at the end.
      seen.append(' ');
    }
    Matcher marks = MARK.matcher(seen);
    while (marks.find()) {
      if (Integer.parseInt(marks.group(1)) != number) {
        wrong.add("case " + number + " saw " + marks.group());
      }
    }
  }

  private static void send(Socket socket, Rolls rolls, byte[] octets) throws IOException {
    int at = 0;
    while (at < octets.length) {
      int n = rolls.chance(0.8) ? octets.length - at : rolls.between(1, octets.length - at);
      socket.getOutputStream().write(octets, at, n);
      at += n;
    }
  }

  private static boolean more(InputStream in, StringBuilder seen) throws IOException {
    byte[] buffer = new byte[8_192];
    int n = in.read(buffer);
    if (n > 0) {
      seen.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
    }
    return n >= 0;
  }

  private static byte[] opening(int number) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(PREFACE);
    out.writeBytes(RawHttp2.frame(RawHttp2.SETTINGS, 0, 0, new byte[0]));
    int both = RawHttp2.END_STREAM | RawHttp2.END_HEADERS;
    byte[] head = RawHttp2.request("GET", "/m/mark-" + number + "-x");
    out.writeBytes(RawHttp2.frame(RawHttp2.HEADERS, both, 1, head));
    return out.toByteArray();
  }

  /// Some sound frames, then wounds in a few places.
  private static byte[] spoilt(Rolls rolls, int number, int stream, boolean isOpening) {
    List<byte[]> frames = new ArrayList<>();
    if (isOpening) {
      frames.add(PREFACE);
      frames.add(RawHttp2.frame(RawHttp2.SETTINGS, 0, 0, setting(rolls)));
    }
    int next = stream;
    int many = rolls.between(1, 6);
    for (int i = 0; i < many; i++) {
      next = add(rolls, frames, number, next);
    }
    if (rolls.chance(0.3)) {
      frames.add(rolls.between(0, frames.size()), rolls.oneOf(frames));
    }
    if (rolls.chance(0.2)) {
      frames.remove(rolls.between(0, frames.size() - 1));
    }
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    frames.forEach(joined::writeBytes);
    return wounded(rolls, joined.toString(StandardCharsets.ISO_8859_1));
  }

  private static byte[] setting(Rolls rolls) {
    if (rolls.chance(0.5)) {
      return new byte[0];
    }
    byte[] value = RawHttp2.number(rolls.oneOf(List.of(0, 1, 100, 65_535, Integer.MAX_VALUE)));
    byte kind = (byte) rolls.between(0, 9);
    return new byte[] {0, kind, value[0], value[1], value[2], value[3]};
  }

  /// Adds one thing that a client may do; the next free stream.
  private static int add(Rolls rolls, List<byte[]> frames, int number, int stream) {
    int both = RawHttp2.END_STREAM | RawHttp2.END_HEADERS;
    int any = rolls.chance(0.3) ? 0 : Math.max(1, stream - 2 * rolls.between(0, 2));
    String path = "/m/mark-" + number + "-x";
    switch (rolls.between(0, 9)) {
      case 0, 1 ->
          frames.add(RawHttp2.frame(RawHttp2.HEADERS, both, stream, RawHttp2.request("GET", path)));
      case 2 -> {
        byte[] head = RawHttp2.request("POST", path, "content-length", "5");
        frames.add(RawHttp2.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, head));
        frames.add(RawHttp2.frame(RawHttp2.DATA, RawHttp2.END_STREAM, stream, new byte[5]));
      }
      case 3 -> {
        byte[] head = RawHttp2.request("PUT", path);
        byte[] trailer = RawHttp2.block("x-sum", "1");
        frames.add(RawHttp2.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, head));
        frames.add(RawHttp2.frame(RawHttp2.DATA, 0, stream, new byte[3]));
        frames.add(RawHttp2.frame(RawHttp2.HEADERS, both, stream, trailer));
      }
      case 4 -> {
        byte[] head = RawHttp2.request("GET", path);
        byte[] more = RawHttp2.block("x-more", "y");
        frames.add(RawHttp2.frame(RawHttp2.HEADERS, RawHttp2.END_STREAM, stream, head));
        frames.add(RawHttp2.frame(RawHttp2.CONTINUATION, RawHttp2.END_HEADERS, stream, more));
      }
      case 5 -> frames.add(RawHttp2.frame(RawHttp2.PING, rolls.between(0, 1), 0, new byte[8]));
      case 6 ->
          frames.add(
              RawHttp2.frame(
                  RawHttp2.WINDOW_UPDATE, 0, any, RawHttp2.number(rolls.between(1, 1 << 30))));
      case 7 -> frames.add(RawHttp2.frame(RawHttp2.RESET, 0, any, RawHttp2.number(8)));
      case 8 -> frames.add(RawHttp2.frame(RawHttp2.PRIORITY, 0, Math.max(1, any), new byte[5]));
      default -> frames.add(RawHttp2.frame(rolls.between(0, 20), 0, any, new byte[9]));
    }
    return stream + 2;
  }

  private static byte[] wounded(Rolls rolls, String sound) {
    StringBuilder out = new StringBuilder(sound);
    int wounds = rolls.between(0, 4);
    for (int i = 0; i < wounds && !out.isEmpty(); i++) {
      int at = rolls.between(0, out.length() - 1);
      // The mark itself stays whole: a spoilt number would be another case's.
      if (isInMark(out, at)) {
        continue;
      }
      switch (rolls.between(0, 5)) {
        case 0 -> out.deleteCharAt(at);
        case 1 -> out.insert(at, (char) rolls.between(0, 255));
        case 2 -> out.setCharAt(at, (char) rolls.between(0, 255));
        case 3 -> out.setCharAt(at, (char) (out.charAt(at) ^ 1 << rolls.between(0, 7)));
        case 4 -> out.setLength(at);
        default -> out.insert(at, "\0\0\u0004\u0008\0\0\0\0\0\0\0\0\1");
      }
    }
    return out.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private static boolean isInMark(StringBuilder text, int at) {
    int mark = text.indexOf("mark-");
    while (mark >= 0) {
      if (at >= mark && at <= mark + 16) {
        return true;
      }
      mark = text.indexOf("mark-", mark + 1);
    }
    return false;
  }
}
