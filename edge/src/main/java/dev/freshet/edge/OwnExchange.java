package dev.freshet.edge;

import dev.freshet.http.Caller;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.OwnResource;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import dev.freshet.http.Talk;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// One request to an [OwnResource]: passes everything on between it and the client.
final class OwnExchange implements Conversation, Caller {
  private final Client client;
  private @Nullable Talk talk;
  private boolean tunnel;
  private boolean gone;

  private OwnExchange(Client client) {
    this.client = client;
  }

  static Conversation begin(OwnResource resource, RequestHead head, Client client) {
    OwnExchange exchange = new OwnExchange(client);
    exchange.talk = resource.begin(head, exchange);
    return exchange;
  }

  // ---- from the client ----

  @Override
  public void content(ByteBuf data) {
    Talk to = talk;
    try {
      if (tunnel && to != null) {
        to.content(ByteBufUtil.getBytes(data));
      }
    } finally {
      data.release();
    }
  }

  @Override
  public void contentEnd(Fields trailers) {}

  @Override
  public void writable() {
    if (talk != null) {
      talk.writable();
    }
  }

  @Override
  public void gone() {
    gone = true;
    if (talk != null) {
      talk.gone();
    }
  }

  // ---- to the client ----

  @Override
  public Executor loop() {
    return client.loop();
  }

  @Override
  public InetSocketAddress peer() {
    return client.peer();
  }

  @Override
  public void head(ResponseHead head, long length) {
    if (!gone) {
      Fields fields = head.fields().copy().add(FieldName.CACHE_STATUS, "freshet; detail=own");
      client.head(new ResponseHead(head.status(), fields), length);
    }
  }

  @Override
  public void write(byte[] octets) {
    if (!gone) {
      client.write(Unpooled.wrappedBuffer(octets));
    }
  }

  @Override
  public void end() {
    if (!gone) {
      gone = true;
      client.end(new Fields(0));
    }
  }

  @Override
  public boolean isWritable() {
    return !gone && client.isWritable();
  }

  @Override
  public void abort() {
    if (!gone) {
      gone = true;
      client.abort();
    }
  }

  @Override
  public void tunnel() {
    tunnel = true;
    client.tunnel();
  }
}
