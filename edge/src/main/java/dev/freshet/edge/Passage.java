package dev.freshet.edge;

import dev.freshet.http.Fields;
import dev.freshet.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// Streams an origin's answer straight to one client, storing nothing: back-pressure both ways,
/// coding on the way where allowed.
final class Passage implements Reply {
  private final Exchange exchange;
  private final Client client;
  private final TripClock clock;
  private @Nullable UpstreamCall call;
  private @Nullable StreamCoder coder;
  private boolean headSent;
  private boolean tunnel;
  private long octets;

  Passage(Exchange exchange, Client client, TripClock clock) {
    this.exchange = exchange;
    this.client = client;
    this.clock = clock;
  }

  /// The call whose reply this is; given before any reply can come, since both live on one loop.
  void attach(UpstreamCall made) {
    this.call = made;
  }

  @Override
  public void attached() {
    clock.attached();
  }

  @Override
  public void interim(ResponseHead head) {
    exchange.answers().interim(head);
  }

  @Override
  public void head(ResponseHead head, long length) {
    clock.headed();
    clock.passedOn();
    if (!exchange.acceptHead(head)) {
      if (call != null) {
        call.cancel();
      }
      return;
    }
    headSent = true;
    if (head.status() == 101) {
      tunnel = true;
      client.head(Outgoing.switched(head), 0);
      client.tunnel();
      return;
    }
    Outgoing out = exchange.outgoing(head, length);
    coder = out.coder();
    client.head(out.head(), out.length());
  }

  @Override
  public void content(ByteBuf data) {
    octets += data.readableBytes();
    if (coder != null) {
      long since = exchange.nanos();
      ByteBuf coded = coder.encode(data, true);
      clock.codedSince(since);
      if (coded.isReadable()) {
        client.write(coded);
      } else {
        coded.release();
      }
    } else {
      client.write(data);
    }
    if (!client.isWritable() && call != null) {
      call.pauseContent(true);
    }
  }

  @Override
  public void end(Fields trailers) {
    clock.ended();
    if (coder != null) {
      long since = exchange.nanos();
      ByteBuf rest = coder.finish();
      clock.codedSince(since);
      client.write(rest);
    }
    client.end(tunnel ? new Fields(0) : trailers);
    exchange.finished(octets);
  }

  @Override
  public void failed(UpstreamFailure failure) {
    if (coder != null) {
      coder.discard();
    }
    if (headSent) {
      client.abort();
      exchange.finished(octets);
    } else {
      exchange.fail(failure);
    }
  }

  @Override
  public void writable() {
    client.pauseContent(false);
  }

  /// The client can take more.
  void resume() {
    if (call != null) {
      call.pauseContent(false);
    }
  }

  /// The client is gone.
  void abandon() {
    if (call != null) {
      call.cancel();
    }
    if (coder != null) {
      coder.discard();
      coder = null;
    }
  }
}
