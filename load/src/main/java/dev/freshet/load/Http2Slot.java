package dev.freshet.load;

import dev.freshet.http.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Error;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/// A place for one stream at a time on an HTTP/2 connection.
final class Http2Slot implements Slot {
  private static final Fields NO_FIELDS = Fields.of();
  private final Http2Wire wire;
  private final int place;

  /// The stream that is open; 0 when none is.
  private int stream;

  private @Nullable Session session;
  private int status;
  private Fields fields = NO_FIELDS;
  private long content;
  private @Nullable ByteArrayOutputStream kept;
  private @Nullable Reply reply;
  private String why = "";

  Http2Slot(Http2Wire wire, int place) {
    this.wire = wire;
    this.place = place;
  }

  @Override
  public Pool pool() {
    return wire.pool();
  }

  @Override
  public boolean isOpen() {
    return wire.isOpen() && isIdle() && wire.allows(place);
  }

  boolean isIdle() {
    return stream == 0 && session == null;
  }

  @Override
  public void send(Session whose) {
    session = whose;
    status = 0;
    content = 0;
    why = "";
    kept = null;
    stream = wire.send(this, whose);
    if (stream == 0) {
      session = null;
      pool().lane().broke(whose, "closed", true);
    }
  }

  @Override
  public void abandon() {
    session = null;
    reply = null;
    if (stream != 0) {
      wire.reset(stream, Http2Error.CANCEL);
    }
  }

  /// What the next end of the stream is due to.
  void because(String kind) {
    why = kind;
  }

  void head(@Nullable String code, Fields told, boolean isLast) {
    if (status == 0) {
      int number = code != null && code.matches("[1-5][0-9]{2}") ? Integer.parseInt(code) : 0;
      if (number < 100) {
        why = "protocol";
        wire.reset(stream, Http2Error.PROTOCOL_ERROR);
        return;
      }
      if (number < 200) {
        return;
      }
      status = number;
      fields = told;
      if (session != null && session.stream != null) {
        session.stream.head(number, told, wire.takeOctets());
      }
      if (session != null && !isLast) {
        session.headed = pool().lane().now();
      }
      kept = session != null && session.keeps(told) ? new ByteArrayOutputStream() : null;
    }
    if (isLast) {
      end();
    }
  }

  void data(ByteBuf in, boolean isLast) {
    int n = in.readableBytes();
    content += n;
    if (session != null && session.stream != null) {
      byte[] part = new byte[n];
      in.getBytes(in.readerIndex(), part);
      session.stream.data(part, 0, n, wire::takeOctets);
    }
    if (kept != null && kept.size() < Reply.MOST) {
      byte[] part = new byte[Math.min(n, Reply.MOST - kept.size())];
      in.getBytes(in.readerIndex(), part);
      kept.writeBytes(part);
    }
    if (isLast) {
      end();
    }
  }

  private void end() {
    if (session == null) {
      // Given up in this very frame: its stream is being reset.
      return;
    }
    byte[] octets = kept == null ? null : kept.toByteArray();
    reply = new Reply(status, fields, wire.takeOctets(), content, octets);
    kept = null;
    fields = NO_FIELDS;
    wire.whole(this);
  }

  /// The read that ended the answer is over.
  void deliver(Lane lane) {
    Session whose = session;
    Reply whole = reply;
    if (whose == null || whole == null) {
      return;
    }
    session = null;
    reply = null;
    if (stream != 0) {
      // It answered without having taken all of the request.
      wire.reset(stream, Http2Error.NO_ERROR);
    }
    lane.answered(this, whose, whole);
  }

  /// The stream is no more.
  ///
  /// @param goodbye the kind of error where the target had not looked at it when it went away
  void closed(Lane lane, String goodbye, boolean isUntouched) {
    stream = 0;
    if (reply != null) {
      // Whole: that is told when the read is over.
      return;
    }
    Session whose = session;
    session = null;
    String silent = status == 0 && content == 0 ? "closed" : "truncated";
    String kind = isUntouched ? goodbye : why.isEmpty() ? silent : why;
    kept = null;
    fields = NO_FIELDS;
    lane.broke(whose, kind, isUntouched);
    pool().give(this);
  }
}
