package dev.freshet.load;

import dev.freshet.http.ChunkedReader;
import dev.freshet.http.FieldLists;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.Framing;
import dev.freshet.http.HeadReader;
import dev.freshet.http.Version;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One HTTP/1.1 connection: one request out at a time, answers read straight out of what the socket
/// gave. An idle one holds no buffer.
///
/// An answer counts when the socket has nothing more: octets behind it are an error, also where
/// they come with another read, and must not become the answer to the next request.
final class Wire extends ChannelInboundHandlerAdapter implements Connection, Slot {
  private static final HeadReader.Bounds BOUNDS = new HeadReader.Bounds(200, 8_192);
  private static final Fields NO_FIELDS = Fields.of();
  private static final byte[] NOTHING = new byte[0];

  /// A server that takes kept connections back does so when they were idle for some time, and what
  /// was sent meanwhile meets a connection that is gone already.
  private static final long IDLE_NANOS = 1_000_000_000;

  private static final long AT_ONCE_NANOS = 100_000_000;

  private enum State {
    HEAD,
    FIXED,
    CHUNKED,
    UNTIL_CLOSE
  }

  private final Pool pool;
  private final Lane lane;
  private final byte[] scratch;
  private final Channel channel;
  private @Nullable Session session;
  private State state = State.HEAD;
  private byte[] carried = NOTHING;
  private long left;
  private @Nullable ChunkedReader chunks;
  private int status;
  private Fields fields = NO_FIELDS;
  private long wire;
  private long content;
  private @Nullable ByteArrayOutputStream kept;
  private boolean endsAfter;
  private boolean closes;

  /// Nanoseconds that it was idle before the call that is out; 0 for a new one's first.
  private long idle;

  private long answered;

  /// The answer that is there as soon as this read is over.
  private @Nullable Reply reply;

  /// The step that was answered last.
  private String step = "";

  Wire(Pool pool, Channel channel) {
    this.pool = pool;
    this.lane = pool.lane();
    this.channel = channel;
    this.scratch = lane.scratch();
  }

  @Override
  public List<Slot> slots() {
    return List.of(this);
  }

  @Override
  public boolean isOpen() {
    return channel.isActive() && !closes;
  }

  @Override
  public Pool pool() {
    return pool;
  }

  @Override
  public void send(Session whose) {
    byte[] request = whose.call().octets(lane.aim().authority(), whose.cookies());
    session = whose;
    step = whose.call().step();
    idle = answered == 0 ? 0 : whose.sent - answered;
    wire = 0;
    content = 0;
    kept = null;
    ByteBuf out = channel.alloc().directBuffer(request.length).writeBytes(request);
    channel.writeAndFlush(out, channel.voidPromise());
  }

  @Override
  public void abandon() {
    close();
  }

  @Override
  public void close() {
    closes = true;
    session = null;
    reply = null;
    channel.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      while (in.isReadable() && !closes) {
        if (session == null) {
          close();
          lane.unasked(step);
        } else if (reply != null) {
          fail("protocol");
        } else {
          read(in);
        }
      }
    } catch (HeadReader.Refused e) {
      fail("protocol");
    } finally {
      in.release();
    }
  }

  private void read(ByteBuf in) throws HeadReader.Refused {
    switch (state) {
      case HEAD -> head(in);
      case FIXED -> {
        int n = (int) Math.min(left, in.readableBytes());
        take(in, n);
        left -= n;
        if (left == 0) {
          complete(in);
        }
      }
      case CHUNKED -> chunked(in);
      case UNTIL_CLOSE -> take(in, in.readableBytes());
    }
  }

  private void take(ByteBuf in, int n) {
    wire += n;
    content += n;
    if (kept != null && kept.size() < Reply.MOST) {
      byte[] part = new byte[Math.min(n, Reply.MOST - kept.size())];
      in.getBytes(in.readerIndex(), part);
      kept.writeBytes(part);
    }
    if (session != null && session.stream != null) {
      byte[] part = new byte[n];
      in.readBytes(part);
      session.stream.data(part, 0, n, () -> n);
    } else {
      in.skipBytes(n);
    }
  }

  private void head(ByteBuf in) throws HeadReader.Refused {
    int before = carried.length;
    System.arraycopy(carried, 0, scratch, 0, before);
    int n = Math.min(in.readableBytes(), scratch.length - before);
    in.getBytes(in.readerIndex(), scratch, before, n);
    int end = HeadReader.endOfHead(scratch, Math.max(0, before - 3), before + n);
    if (end < 0) {
      if (before + n == scratch.length) {
        throw new HeadReader.Refused(502, "a head is larger than " + scratch.length);
      }
      carried = Arrays.copyOf(scratch, before + n);
      in.skipBytes(n);
      return;
    }
    carried = NOTHING;
    in.skipBytes(end - before);
    wire += end;
    int[] next = new int[1];
    HeadReader.StatusLine line = HeadReader.statusLine(scratch, 0, end, next);
    if (line.status() < 200) {
      return;
    }
    status = line.status();
    fields = HeadReader.fields(scratch, next[0], end, BOUNDS);
    Session whose = session;
    kept = whose != null && whose.keeps(fields) ? new ByteArrayOutputStream() : null;
    long framing =
        Framing.ofResponse(fields, status, whose == null ? "GET" : whose.call().method());
    endsAfter =
        framing == Framing.UNTIL_CLOSE
            || says("close")
            || (line.version() == Version.HTTP_1_0 && !says("keep-alive"));
    if (whose != null && whose.stream != null) {
      whose.stream.head(status, fields, wire);
    }
    if (whose != null && (framing < 0 || framing > in.readableBytes())) {
      whose.headed = lane.now();
    }
    if (framing == Framing.CHUNKED) {
      state = State.CHUNKED;
      chunks = new ChunkedReader(BOUNDS);
    } else if (framing == Framing.UNTIL_CLOSE) {
      state = State.UNTIL_CLOSE;
    } else if (framing > 0) {
      state = State.FIXED;
      left = framing;
    } else {
      complete(in);
    }
  }

  private boolean says(String option) {
    String connection = fields.combined(FieldName.CONNECTION);
    return connection != null
        && FieldLists.split(connection).stream().anyMatch(option::equalsIgnoreCase);
  }

  private void chunked(ByteBuf in) throws HeadReader.Refused {
    ChunkedReader reader = chunks;
    if (reader == null) {
      throw new IllegalStateException("no chunks are being read");
    }
    int n = Math.min(in.readableBytes(), scratch.length);
    in.getBytes(in.readerIndex(), scratch, 0, n);
    int used = 0;
    while (used < n && !reader.isDone() && !closes) {
      used = reader.next(scratch, used, n);
      int length = reader.dataTo() - reader.dataFrom();
      content += length;
      if (session != null && session.stream != null) {
        session.stream.data(scratch, reader.dataFrom(), reader.dataTo(), () -> length);
      }
      if (kept != null && kept.size() < Reply.MOST) {
        kept.write(scratch, reader.dataFrom(), Math.min(length, Reply.MOST - kept.size()));
      }
    }
    wire += used;
    in.skipBytes(used);
    if (reader.isDone()) {
      chunks = null;
      complete(in);
    }
  }

  /// An answer is there. What came behind it nobody asked for: it must not become the next answer.
  private void complete(ByteBuf in) {
    if (in.isReadable()) {
      fail("protocol");
    } else {
      complete();
    }
  }

  private void complete() {
    byte[] octets = kept == null ? null : kept.toByteArray();
    reply = new Reply(status, fields, wire, content, octets);
    kept = null;
    fields = NO_FIELDS;
    state = State.HEAD;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    deliver();
  }

  private void deliver() {
    Session whose = session;
    Reply whole = reply;
    if (whose == null || whole == null) {
      return;
    }
    session = null;
    reply = null;
    answered = lane.now();
    if (endsAfter) {
      closes = true;
      channel.close();
    }
    lane.answered(this, whose, whole);
  }

  private void fail(String kind) {
    fail(kind, false);
  }

  private void fail(String kind, boolean mayAgain) {
    Session whose = session;
    close();
    pool.gone(this);
    lane.broke(whose, kind, mayAgain);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (state == State.UNTIL_CLOSE && !closes) {
      complete();
    }
    deliver();
    if (closes) {
      pool.gone(this);
    } else {
      fail(isSilent() ? "closed" : "truncated", mayAgain());
    }
  }

  /// As browsers do. A server that sheds load by closing busy connections must not hide behind it.
  private boolean mayAgain() {
    Session whose = session;
    return whose != null
        && isSilent()
        && idle >= IDLE_NANOS
        && lane.now() - whose.sent <= AT_ONCE_NANOS
        && whose.call().isIdempotent();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslHandshakeCompletionEvent done && !done.isSuccess()) {
      fail("TLS");
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!closes) {
      fail("connection", mayAgain());
    }
  }

  /// Whether nothing of an answer has come.
  private boolean isSilent() {
    return state == State.HEAD && wire == 0 && carried.length == 0;
  }
}
