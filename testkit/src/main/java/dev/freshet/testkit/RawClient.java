package dev.freshet.testkit;

import dev.freshet.http.ChunkedReader;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.Framing;
import dev.freshet.http.HeadReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/// A client that sends exactly the octets it is told and reads responses strictly; every wait ends
/// after ten seconds.
public final class RawClient implements AutoCloseable {
  private static final HeadReader.Bounds BOUNDS = new HeadReader.Bounds(500, 65_536);
  private final Socket socket;
  private byte[] pending = new byte[0];

  private RawClient(Socket socket) {
    this.socket = socket;
  }

  /// Connects to this machine's loopback.
  public static RawClient to(int port) {
    try {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(10_000);
      socket.setTcpNoDelay(true);
      return new RawClient(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A response as it came.
  ///
  /// @param interims status of each 1xx before it
  /// @param trailers empty when there were none
  public record Response(
      int status, Fields fields, String text, Fields trailers, List<Integer> interims) {

    /// All lines of that name joined, or an empty text.
    public String field(String name) {
      String value = fields.combined(FieldName.of(name));
      return value == null ? "" : value;
    }

    /// The text without gzip, where it came so; an octet each character.
    public String unzipped() throws IOException {
      if (!field("Content-Encoding").equals("gzip")) {
        return text;
      }
      byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
      try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(octets))) {
        return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
      }
    }
  }

  public RawClient send(String text) {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  public RawClient send(byte[] octets) {
    try {
      socket.getOutputStream().write(octets);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// `GET target` with further field lines, each without its line end.
  public Response get(String target, String... lines) {
    return ask("GET", target, lines);
  }

  public Response ask(String method, String target, String... lines) {
    StringBuilder out =
        new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: shop.test\r\n");
    for (String line : lines) {
      out.append(line).append("\r\n");
    }
    return send(out.append("\r\n").toString()).response(method);
  }

  public Response response() {
    return response("GET");
  }

  /// Reads one response to a request with that method.
  public Response response(String method) {
    try {
      List<Integer> interims = new ArrayList<>();
      while (true) {
        int end = HeadReader.endOfHead(pending, 0, pending.length);
        while (end < 0) {
          more();
          end = HeadReader.endOfHead(pending, 0, pending.length);
        }
        int[] next = new int[1];
        HeadReader.StatusLine line = HeadReader.statusLine(pending, 0, end, next);
        Fields fields = HeadReader.fields(pending, next[0], end, BOUNDS);
        drop(end);
        if (line.status() < 200 && line.status() != 101) {
          interims.add(line.status());
          continue;
        }
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        Fields trailers = content(line.status(), fields, method, content);
        String text = content.toString(StandardCharsets.ISO_8859_1);
        return new Response(line.status(), fields, text, trailers, interims);
      }
    } catch (HeadReader.Refused e) {
      throw new IllegalStateException("not a response: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Fields content(int status, Fields fields, String method, ByteArrayOutputStream out)
      throws IOException, HeadReader.Refused {
    long length = Framing.ofResponse(fields, status, method);
    if (length == Framing.CHUNKED) {
      ChunkedReader reader = new ChunkedReader(BOUNDS);
      while (!reader.isDone()) {
        if (pending.length == 0) {
          more();
        }
        int used = 0;
        while (used < pending.length && !reader.isDone()) {
          used = reader.next(pending, used, pending.length);
          out.write(pending, reader.dataFrom(), reader.dataTo() - reader.dataFrom());
        }
        drop(used);
      }
      return reader.trailers();
    }
    if (length == Framing.UNTIL_CLOSE) {
      try {
        while (true) {
          out.write(pending);
          drop(pending.length);
          more();
        }
      } catch (EOFException e) {
        return new Fields(0);
      }
    }
    while (pending.length < length) {
      more();
    }
    out.write(pending, 0, (int) length);
    drop((int) length);
    return new Fields(0);
  }

  /// Reads until that many octets of whatever kind have come.
  public String octets(int count) {
    try {
      while (pending.length < count) {
        more();
      }
      String text = new String(pending, 0, count, StandardCharsets.ISO_8859_1);
      drop(count);
      return text;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// True when the other side closes without sending anything more.
  public boolean isClosed() {
    try {
      return pending.length == 0 && socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private void more() throws IOException {
    byte[] in = new byte[65_536];
    int n = socket.getInputStream().read(in);
    if (n < 0) {
      throw new EOFException("the connection ended after " + pending.length + " octets");
    }
    byte[] joined = new byte[pending.length + n];
    System.arraycopy(pending, 0, joined, 0, pending.length);
    System.arraycopy(in, 0, joined, pending.length, n);
    pending = joined;
  }

  private void drop(int octets) {
    byte[] rest = new byte[pending.length - octets];
    System.arraycopy(pending, octets, rest, 0, rest.length);
    pending = rest;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
