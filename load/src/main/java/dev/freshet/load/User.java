package dev.freshet.load;

import dev.freshet.base.Time;
import dev.freshet.http.ChunkedReader;
import dev.freshet.http.FieldLists;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.Framing;
import dev.freshet.http.HeadReader;
import dev.freshet.http.Version;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One visitor: a connection that is kept, a cookie jar, one request after the other.
final class User implements AutoCloseable {
  private static final HeadReader.Bounds BOUNDS = new HeadReader.Bounds(200, 8_192);
  private final LoadPlan plan;
  private final Time time;
  private final Set<String> seen;
  private final Map<String, String> cookies = new LinkedHashMap<>();
  private final byte[] buffer = new byte[65_536];
  private @Nullable Socket socket;
  private int filled;
  private long deadline;

  /// @param seen what some user was answered that may be kept
  User(LoadPlan plan, Time time, Set<String> seen) {
    this.plan = plan;
    this.time = time;
    this.seen = seen;
  }

  /// Makes one request and counts what became of it.
  ///
  /// @return whether it was answered with success
  boolean make(Shot shot, Tally tally) {
    long started = time.nanos();
    boolean isRepeat = seen.contains(shot.target());
    try {
      Answer answer = exchange(shot);
      tally.answered(shot.kind(), time.nanos() - started, answer, isRepeat);
      if (answer.isKept() && !isRepeat) {
        seen.add(shot.target());
      }
      keep(answer.cookies());
      if (answer.closes()) {
        close();
      }
      return answer.status() < 300;
    } catch (SocketTimeoutException e) {
      tally.failed(shot.kind(), "timeout");
      close();
    } catch (EOFException e) {
      tally.failed(shot.kind(), "truncated");
      close();
    } catch (HeadReader.Refused e) {
      tally.failed(shot.kind(), "protocol");
      close();
    } catch (IOException e) {
      tally.failed(shot.kind(), "connection");
      close();
    }
    return false;
  }

  private Answer exchange(Shot shot) throws IOException, HeadReader.Refused {
    deadline = time.nanos() + plan.timeout().toNanos();
    Socket open = socket;
    if (open == null) {
      open = new Socket();
      open.setTcpNoDelay(true);
      open.connect(
          new InetSocketAddress(plan.target().host(), plan.target().port()),
          (int) plan.timeout().toMillis());
      socket = open;
      filled = 0;
    }
    send(open.getOutputStream(), shot);
    return receive(open.getInputStream(), shot.method());
  }

  private void send(OutputStream out, Shot shot) throws IOException {
    byte[] content = shot.content();
    StringBuilder head = new StringBuilder(256);
    head.append(shot.method()).append(' ').append(shot.target()).append(" HTTP/1.1\r\nHost: ");
    head.append(plan.target()).append("\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n");
    head.append(shot.kind() == Shot.Kind.PAGE ? "Accept: text/html\r\n" : "Accept: */*\r\n");
    if (!cookies.isEmpty()) {
      head.append("Cookie: ");
      String separator = "";
      for (Map.Entry<String, String> cookie : cookies.entrySet()) {
        head.append(separator).append(cookie.getKey()).append('=').append(cookie.getValue());
        separator = "; ";
      }
      head.append("\r\n");
    }
    if (shot.authorization() != null) {
      head.append("Authorization: ").append(shot.authorization()).append("\r\n");
    }
    if (shot.json() != null) {
      head.append("Content-Type: application/json\r\nContent-Length: ").append(content.length);
      head.append("\r\n");
    }
    byte[] lines = head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    byte[] all = new byte[lines.length + content.length];
    System.arraycopy(lines, 0, all, 0, lines.length);
    System.arraycopy(content, 0, all, lines.length, content.length);
    out.write(all);
  }

  private Answer receive(InputStream in, String method) throws IOException, HeadReader.Refused {
    while (true) {
      int end = HeadReader.endOfHead(buffer, 0, filled);
      while (end < 0) {
        more(in);
        end = HeadReader.endOfHead(buffer, 0, filled);
      }
      int[] next = new int[1];
      HeadReader.StatusLine line = HeadReader.statusLine(buffer, 0, end, next);
      Fields fields = HeadReader.fields(buffer, next[0], end, BOUNDS);
      drop(end);
      if (line.status() < 200) {
        continue;
      }
      long framing = Framing.ofResponse(fields, line.status(), method);
      Size size;
      if (framing == Framing.CHUNKED) {
        size = chunks(in);
      } else if (framing == Framing.UNTIL_CLOSE) {
        size = Size.of(untilClose(in));
      } else {
        size = Size.of(fixed(in, framing));
      }
      boolean closes =
          framing == Framing.UNTIL_CLOSE
              || says(fields, "close")
              || (line.version() == Version.HTTP_1_0 && !says(fields, "keep-alive"));
      return new Answer(
          line.status(),
          end + size.wire(),
          size.content(),
          cache(fields),
          setCookies(fields),
          closes);
    }
  }

  /// Octets behind a head.
  ///
  /// @param wire as sent, with what frames them
  /// @param content without
  private record Size(long wire, long content) {
    static Size of(long octets) {
      return new Size(octets, octets);
    }
  }

  private static boolean says(Fields fields, String option) {
    String connection = fields.combined(FieldName.CONNECTION);
    return connection != null
        && FieldLists.split(connection).stream().anyMatch(option::equalsIgnoreCase);
  }

  private void more(InputStream in) throws IOException, HeadReader.Refused {
    if (filled == buffer.length) {
      throw new HeadReader.Refused(502, "a head is larger than " + buffer.length);
    }
    int n = read(in, filled, buffer.length - filled);
    if (n < 0) {
      throw new EOFException("the connection ended before the response did");
    }
    filled += n;
  }

  /// Waits no longer than is left for the whole answer, however its octets drip in.
  private int read(InputStream in, int at, int length) throws IOException {
    Socket open = socket;
    long left = (deadline - time.nanos()) / 1_000_000;
    if (open == null || left <= 0) {
      throw new SocketTimeoutException("the answer took too long");
    }
    open.setSoTimeout((int) left);
    return in.read(buffer, at, length);
  }

  private void drop(int octets) {
    System.arraycopy(buffer, octets, buffer, 0, filled - octets);
    filled -= octets;
  }

  private long fixed(InputStream in, long length) throws IOException {
    long left = length - Math.min(length, filled);
    drop((int) Math.min(length, filled));
    while (left > 0) {
      int n = read(in, 0, (int) Math.min(left, buffer.length));
      if (n < 0) {
        throw new EOFException("the connection ended before the content did");
      }
      left -= n;
    }
    return length;
  }

  private Size chunks(InputStream in) throws IOException, HeadReader.Refused {
    ChunkedReader reader = new ChunkedReader(BOUNDS);
    long wire = 0;
    long content = 0;
    while (!reader.isDone()) {
      if (filled == 0) {
        more(in);
      }
      int used = 0;
      while (used < filled && !reader.isDone()) {
        used = reader.next(buffer, used, filled);
        content += reader.dataTo() - reader.dataFrom();
      }
      wire += used;
      drop(used);
    }
    return new Size(wire, content);
  }

  private long untilClose(InputStream in) throws IOException {
    long wire = filled;
    filled = 0;
    int n = read(in, 0, buffer.length);
    while (n >= 0) {
      wire += n;
      n = read(in, 0, buffer.length);
    }
    return wire;
  }

  private static Answer.Cache cache(Fields fields) {
    String status = fields.combined(FieldName.CACHE_STATUS);
    if (status == null) {
      return Answer.Cache.SILENT;
    }
    boolean isCollapsed = status.contains("; collapsed");
    if (status.contains("; hit") || isCollapsed) {
      return Answer.Cache.HIT;
    }
    return status.contains("; stored") ? Answer.Cache.STORED : Answer.Cache.FORWARDED;
  }

  private static List<String> setCookies(Fields fields) {
    List<String> out = new ArrayList<>(0);
    for (String line : fields.all(FieldName.SET_COOKIE)) {
      int semicolon = line.indexOf(';');
      out.add(semicolon < 0 ? line : line.substring(0, semicolon));
    }
    return out;
  }

  private void keep(List<String> pairs) {
    for (String pair : pairs) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        cookies.put(pair.substring(0, equals).strip(), pair.substring(equals + 1).strip());
      }
    }
  }

  @Override
  public void close() {
    Socket open = socket;
    socket = null;
    filled = 0;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        System.getLogger("freshet.load").log(System.Logger.Level.DEBUG, "closing", e);
      }
    }
  }
}
