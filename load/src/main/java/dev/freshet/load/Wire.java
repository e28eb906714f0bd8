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
import org.jspecify.annotations.Nullable;

/// One HTTP/1.1 connection: one request out at a time, answers read straight out of what the socket
/// gave. An idle one holds no buffer.
final class Wire extends ChannelInboundHandlerAdapter {
  private static final HeadReader.Bounds BOUNDS = new HeadReader.Bounds(200, 8_192);
  private static final Fields NO_FIELDS = Fields.of();
  private static final byte[] NOTHING = new byte[0];

  private enum State {
    HEAD,
    FIXED,
    CHUNKED,
    UNTIL_CLOSE
  }

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

  /// @param scratch the loop's, used during one read only
  Wire(Lane lane, Channel channel, byte[] scratch) {
    this.lane = lane;
    this.channel = channel;
    this.scratch = scratch;
  }

  boolean isOpen() {
    return channel.isActive() && !closes;
  }

  /// Whose call is out, or null.
  @Nullable Session session() {
    return session;
  }

  void send(Session whose, byte[] request) {
    session = whose;
    idle = answered == 0 ? 0 : whose.sent - answered;
    wire = 0;
    content = 0;
    kept = whose.call().wantsContent() ? new ByteArrayOutputStream() : null;
    ByteBuf out = channel.alloc().directBuffer(request.length).writeBytes(request);
    channel.writeAndFlush(out, channel.voidPromise());
  }

  void close() {
    closes = true;
    session = null;
    channel.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      while (in.isReadable() && !closes) {
        if (session == null) {
          // Nothing was asked.
          fail("protocol");
          return;
        }
        read(in);
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
    in.skipBytes(n);
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
    long framing =
        Framing.ofResponse(fields, status, whose == null ? "GET" : whose.call().method());
    endsAfter =
        framing == Framing.UNTIL_CLOSE
            || says("close")
            || (line.version() == Version.HTTP_1_0 && !says("keep-alive"));
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
    while (used < n && !reader.isDone()) {
      used = reader.next(scratch, used, n);
      int length = reader.dataTo() - reader.dataFrom();
      content += length;
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
    Session whose = session;
    if (whose == null) {
      return;
    }
    byte[] octets = kept == null ? null : kept.toByteArray();
    Reply reply = new Reply(status, fields, wire, content, octets);
    session = null;
    kept = null;
    fields = NO_FIELDS;
    state = State.HEAD;
    answered = lane.now();
    if (endsAfter) {
      closes = true;
      channel.close();
    }
    lane.answered(this, whose, reply);
  }

  private void fail(String kind) {
    Session whose = session;
    close();
    lane.broke(this, whose, kind, 0);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (closes) {
      lane.forget(this);
      return;
    }
    if (state == State.UNTIL_CLOSE) {
      complete();
      lane.forget(this);
      return;
    }
    boolean isSilent = isSilent();
    Session whose = session;
    close();
    lane.broke(this, whose, isSilent ? "closed" : "truncated", isSilent ? idle : 0);
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
      long silent = isSilent() ? idle : 0;
      Session whose = session;
      close();
      lane.broke(this, whose, "connection", silent);
    }
  }

  /// Whether nothing of an answer has come.
  private boolean isSilent() {
    return state == State.HEAD && wire == 0 && carried.length == 0;
  }
}
