package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import dev.freshet.testkit.RawClient;
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

/// Malformed, smuggled, truncated and slow requests over raw sockets: nothing hangs, nothing
/// crashes, no fault shows within, and no client ever sees what another asked for.
///
/// Run with `-Dfuzz.cases=100000` for the long run and `-Dfuzz.seed=N` to repeat one.
@Timeout(1_800)
class FuzzTest {
  private static final Pattern MARK = Pattern.compile("mark-([0-9]+)-x");
  private static final List<String> PIECES =
      List.of(
          "\r\n",
          "\n",
          "\r",
          " ",
          "\t",
          "\0",
          ":",
          "Host: evil\r\n",
          "Content-Length: 5\r\n",
          "Content-Length: 0\r\n",
          "Transfer-Encoding: chunked\r\n",
          "Transfer-Encoding:\tchunked\r\n",
          "0\r\n\r\n",
          "5\r\nhello\r\n",
          "Connection: close\r\n",
          "Expect: 100-continue\r\n",
          "Upgrade: websocket\r\nConnection: upgrade\r\n",
          "Range: bytes=0-1\r\n",
          "HTTP/1.1",
          "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
          "\u00ff",
          "%00",
          "../",
          "Cookie: sid=1\r\n");

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
  void survivesWhateverIsSentAndLeaksNothing() throws Exception {
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
  }

  private void one(long seed, int number, ConcurrentLinkedQueue<String> wrong) throws IOException {
    Rolls rolls = new Rolls(seed);
    byte[] request = request(rolls, number).getBytes(StandardCharsets.ISO_8859_1);
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), shop.edge.addresses().getFirst().port())) {
      socket.setSoTimeout(3_000);
      socket.setTcpNoDelay(true);
      boolean isSlow = rolls.chance(0.1);
      double rest = isSlow ? 0.1 : 0.7;
      int at = 0;
      while (at < request.length) {
        int n = rolls.chance(rest) ? request.length - at : rolls.between(1, request.length - at);
        socket.getOutputStream().write(request, at, n);
        at += n;
        if (isSlow) {
          letTheLoopsTurn();
        }
      }
      socket.shutdownOutput();
      String answer = read(socket.getInputStream());
      Matcher marks = MARK.matcher(answer);
      while (marks.find()) {
        if (Integer.parseInt(marks.group(1)) != number) {
          wrong.add("case " + number + " saw " + marks.group());
        }
      }
      // The app has said none.
      if (answer.contains("HTTP/1.1 500 ")) {
        wrong.add("case " + number + " ended in an internal fault");
      }
      boolean isResponse = answer.isEmpty() || answer.startsWith("HTTP/1.1 ") || isHttp2(answer);
      if (!isResponse) {
        wrong.add("case " + number + " got " + answer.substring(0, Math.min(60, answer.length())));
      }
    } catch (SocketTimeoutException e) {
      wrong.add("case " + number + " hung");
    } catch (IOException e) {
      // Reset by the edge while we still wrote: it may. Whether it lives is asked at the end.
      return;
    }
  }

  /// Until somebody else has been answered, so that what was sent before has been looked at.
  private void letTheLoopsTurn() {
    try (RawClient other = RawClient.to(shop.edge.addresses().getFirst().port())) {
      other.get("/alive");
    }
  }

  private static boolean isHttp2(String answer) {
    return answer.length() >= 9 && answer.charAt(3) == 4;
  }

  private static String read(InputStream in) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[8_192];
    int n = in.read(buffer);
    while (n >= 0) {
      out.write(buffer, 0, n);
      n = in.read(buffer);
    }
    return out.toString(StandardCharsets.ISO_8859_1);
  }

  /// A sound request whose target carries the case's mark, then spoilt in a few places; sometimes
  /// two in one.
  private static String request(Rolls rolls, int number) {
    StringBuilder out = new StringBuilder();
    int many = rolls.chance(0.2) ? 2 : 1;
    for (int i = 0; i < many; i++) {
      String method = rolls.oneOf(List.of("GET", "GET", "POST", "HEAD", "PUT", "OPTIONS"));
      out.append(method).append(" /m/mark-").append(number).append("-x HTTP/1.1\r\nHost: a\r\n");
      if (method.startsWith("P")) {
        boolean isChunked = rolls.chance(0.5);
        out.append(
            isChunked
                ? "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
                : "Content-Length: 5\r\n\r\nhello");
      } else {
        out.append("\r\n");
      }
    }
    int wounds = rolls.between(0, 4);
    for (int i = 0; i < wounds && !out.isEmpty(); i++) {
      int at = rolls.between(0, out.length() - 1);
      // The mark itself stays whole: a spoilt number would be another case's.
      boolean isMark = out.indexOf("mark-") >= 0 && nearMark(out, at);
      if (isMark) {
        continue;
      }
      switch (rolls.between(0, 4)) {
        case 0 -> out.deleteCharAt(at);
        case 1 -> out.insert(at, rolls.oneOf(PIECES));
        case 2 -> out.setCharAt(at, (char) rolls.between(0, 255));
        case 3 -> out.setLength(at);
        default -> out.insert(at, rolls.text(rolls.between(1, 40), " :/;,=\""));
      }
    }
    return out.toString();
  }

  private static boolean nearMark(StringBuilder text, int at) {
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
