package dev.freshet.edge;

import dev.freshet.edge.UpstreamFailure.Kind;
import dev.freshet.http.ChunkedReader;
import dev.freshet.http.FieldLists;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.Framing;
import dev.freshet.http.HeadReader;
import dev.freshet.http.ResponseHead;
import dev.freshet.http.Version;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Reads one HTTP/1.1 response after the other out of what a connection delivers (RFC 9112,
/// sections 4, 6 and 7), strictly; content is passed on without copying.
///
/// What is wrong ends in [Sink#broken], never in an exception; afterwards nothing is read any more.
final class ResponseReader {
  private static final int INTERIMS_MAX = 32;

  /// Where the parts go. A call may lead to [#stop] or [#begin].
  interface Sink {
    void interim(ResponseHead head);

    /// @param length octets, or -1 when only the end will tell
    void head(ResponseHead head, long length);

    /// Takes over the buffer's reference.
    void content(ByteBuf data);

    /// The response is complete.
    ///
    /// @param reusable whether the connection may carry another request: it is to be kept alive,
    ///   and nothing came behind the response
    void end(Fields trailers, boolean reusable);

    /// @param began whether any octet of a response had come
    void broken(Kind kind, String what, boolean began);
  }

  private enum State {
    IDLE,
    HEAD,
    FIXED,
    CHUNKED,
    UNTIL_CLOSE,
    TUNNEL
  }

  private final Sink sink;
  private final HeadReader.Bounds bounds;
  private final byte[] scratch;
  private final int[] next = new int[1];
  private State state = State.IDLE;
  private String method = "GET";
  private @Nullable String offered;
  private boolean keepAlive;
  private int interims;
  private long left;
  private byte @Nullable [] partial;
  private @Nullable ChunkedReader chunks;
  private long keepAliveSeconds = -1;

  /// @param scratch room for one head, shared by the readers of one event loop
  ResponseReader(Sink sink, int fieldsMax, byte[] scratch) {
    this.sink = sink;
    this.bounds = new HeadReader.Bounds(fieldsMax, 0);
    this.scratch = scratch;
  }

  /// Expects the response to a request.
  ///
  /// @param upgrade the protocols that it offered to go on in, or null
  void begin(String requestMethod, @Nullable String upgrade) {
    method = requestMethod;
    offered = upgrade;
    interims = 0;
    partial = null;
    state = State.HEAD;
  }

  /// Reads nothing more until [#begin].
  void stop() {
    state = State.IDLE;
    partial = null;
    chunks = null;
  }

  /// True when a response has begun: a complete or incomplete head was seen.
  boolean hasBegun() {
    return state != State.HEAD || partial != null || interims > 0;
  }

  /// How long the connection may wait for another request: what the origin announced less a fifth
  /// for the way there, at most what is configured.
  long idleNanos(long configured) {
    long announced = keepAliveSeconds;
    return announced < 0
        ? configured
        : Math.min(configured, TimeUnit.SECONDS.toNanos(Math.min(announced, 86_400)) / 5 * 4);
  }

  /// Reads what came; takes over the buffer's reference.
  void read(ByteBuf in) {
    boolean passed = false;
    try {
      while (!passed && in.isReadable()) {
        passed =
            switch (state) {
              case IDLE -> true;
              case HEAD -> readHead(in);
              case FIXED -> readFixed(in);
              case CHUNKED -> readChunks(in);
              case UNTIL_CLOSE, TUNNEL -> passAll(in);
            };
      }
    } catch (HeadReader.Refused e) {
      stop();
      sink.broken(Kind.BAD_RESPONSE, e.getMessage() == null ? "refused" : e.getMessage(), true);
    } finally {
      in.release();
    }
  }

  /// The connection has ended, in order or not. Ends what only the end delimits; anything else
  /// unfinished is broken.
  void ended(boolean orderly) {
    State was = state;
    if (was == State.IDLE) {
      return;
    }
    boolean began = hasBegun();
    stop();
    if (orderly && (was == State.UNTIL_CLOSE || was == State.TUNNEL)) {
      sink.end(new Fields(0), false);
    } else {
      sink.broken(
          Kind.CONNECTION_LOST,
          began ? "closed before the response was complete" : "closed before the response began",
          began);
    }
  }

  private boolean passAll(ByteBuf in) {
    sink.content(in.retain());
    return true;
  }

  private boolean readFixed(ByteBuf in) {
    int readable = in.readableBytes();
    if (readable < left) {
      left -= readable;
      return passAll(in);
    }
    ByteBuf last = readable == left ? in.retain() : in.readRetainedSlice((int) left);
    boolean more = readable > left;
    left = 0;
    sink.content(last);
    if (state == State.FIXED) {
      end(new Fields(0), more);
    }
    return true;
  }

  private boolean readChunks(ByteBuf in) throws HeadReader.Refused {
    ChunkedReader reader = chunks;
    if (reader == null) {
      return true;
    }
    while (in.isReadable() && !reader.isDone()) {
      long pending = reader.pending();
      if (pending == 0) {
        reader.accept(in.readByte());
        continue;
      }
      int n = (int) Math.min(pending, in.readableBytes());
      reader.took(n);
      sink.content(in.readRetainedSlice(n));
      if (state != State.CHUNKED) {
        return true;
      }
    }
    if (reader.isDone()) {
      end(reader.trailers(), in.isReadable());
      return true;
    }
    return false;
  }

  private void end(Fields trailers, boolean more) {
    stop();
    sink.end(trailers, keepAlive && !more);
  }

  /// True when the rest of the buffer is of no interest.
  private boolean readHead(ByteBuf in) throws HeadReader.Refused {
    byte[] before = partial;
    int had = before == null ? 0 : before.length;
    int taken = Math.min(in.readableBytes(), scratch.length - had);
    if (before != null) {
      System.arraycopy(before, 0, scratch, 0, had);
    }
    in.getBytes(in.readerIndex(), scratch, had, taken);
    int filled = had + taken;
    int end = HeadReader.endOfHead(scratch, Math.max(0, had - 3), filled);
    if (end < 0) {
      if (filled == scratch.length) {
        stop();
        sink.broken(
            Kind.RESPONSE_TOO_LARGE,
            "the response head is longer than " + filled + " octets",
            true);
        return true;
      }
      partial = Arrays.copyOf(scratch, filled);
      in.skipBytes(taken);
      return false;
    }
    in.skipBytes(end - had);
    partial = null;
    HeadReader.StatusLine line = HeadReader.statusLine(scratch, 0, end, next);
    Fields fields = HeadReader.fields(scratch, next[0], end, bounds);
    if (line.status() >= 600) {
      throw new HeadReader.Refused(502, "the status " + line.status() + " is not below 600");
    }
    ResponseHead head = new ResponseHead(line.status(), fields);
    if (head.isInterim()) {
      interim(head);
    } else {
      finalHead(head, line.version(), in);
    }
    return state == State.IDLE;
  }

  private void interim(ResponseHead head) throws HeadReader.Refused {
    if (head.status() == 101) {
      if (!isOffered(head.fields().combined(FieldName.UPGRADE))) {
        throw new HeadReader.Refused(502, "101 to a protocol that the request did not offer");
      }
      keepAlive = false;
      state = State.TUNNEL;
      sink.head(head, -1);
      return;
    }
    if (++interims > INTERIMS_MAX) {
      throw new HeadReader.Refused(502, "more than " + INTERIMS_MAX + " interim responses");
    }
    sink.interim(head);
  }

  /// Whether the request offered every protocol that the origin switches to (RFC 9110, section
  /// 7.8): it might else lead the client into one in which its requests pass unseen.
  private boolean isOffered(@Nullable String chosen) {
    if (offered == null || chosen == null) {
      return false;
    }
    List<String> protocols = FieldLists.split(chosen);
    List<String> among = FieldLists.split(offered);
    return !protocols.isEmpty()
        && protocols.stream().allMatch(p -> among.stream().anyMatch(p::equalsIgnoreCase));
  }

  private void finalHead(ResponseHead head, Version version, ByteBuf in) throws HeadReader.Refused {
    Fields fields = head.fields();
    long framing = Framing.ofResponse(fields, head.status(), method);
    if (version == Version.HTTP_1_0 && fields.has(FieldName.TRANSFER_ENCODING)) {
      // RFC 9112, section 6.1: such framing is faulty.
      throw new HeadReader.Refused(502, "Transfer-Encoding in HTTP/1.0");
    }
    keepAlive = isKeptAlive(fields, version) && framing != Framing.UNTIL_CLOSE;
    keepAliveSeconds = keepAlive ? announcedSeconds(fields) : -1;
    if (framing == Framing.CHUNKED) {
      chunks = new ChunkedReader(bounds);
      state = State.CHUNKED;
    } else if (framing == Framing.UNTIL_CLOSE) {
      state = State.UNTIL_CLOSE;
    } else {
      left = framing;
      state = State.FIXED;
    }
    State expected = state;
    sink.head(head, Math.max(-1, framing));
    if (state == expected && framing == 0) {
      end(new Fields(0), in.isReadable());
    }
  }

  private static boolean isKeptAlive(Fields fields, Version version) {
    String connection = fields.combined(FieldName.CONNECTION);
    if (connection == null) {
      return version == Version.HTTP_1_1;
    }
    boolean keeps = version == Version.HTTP_1_1;
    for (String token : FieldLists.split(connection)) {
      if (token.equalsIgnoreCase("close")) {
        return false;
      }
      keeps |= token.equalsIgnoreCase("keep-alive");
    }
    return keeps;
  }

  /// The `timeout` parameter of `Keep-Alive`: not in any RFC of today, but what Node and Apache say
  /// when they are about to close, and heeding it avoids stale connections.
  private static long announcedSeconds(Fields fields) {
    String value = fields.first(FieldName.KEEP_ALIVE);
    if (value == null) {
      return -1;
    }
    for (String part : FieldLists.split(value)) {
      if (part.startsWith("timeout=") && part.length() < 16) {
        String digits = part.substring(8);
        if (!digits.isEmpty() && digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
          return Long.parseLong(digits);
        }
      }
    }
    return -1;
  }
}
