package dev.freshet.live;

import dev.freshet.http.Caller;
import dev.freshet.http.FieldLists;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import dev.freshet.http.Talk;
import dev.freshet.http.Version;
import dev.freshet.http.WebSocketAccept;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A subscriber on a WebSocket (RFC 6455). Extensions are not offered: what is sent is encoded once
/// for all, and a compressor for each would cost more memory than everything else.
final class WebSocketTalk implements Talk, Subscriber.Line, WebSocketReader.Listener {
  private static final int MAX_MESSAGE = 65_536;
  private static final FieldName KEY = FieldName.of("Sec-WebSocket-Key");
  private static final FieldName ACCEPT = FieldName.of("Sec-WebSocket-Accept");
  static final FieldName VERSION = FieldName.of("Sec-WebSocket-Version");

  /// Orders that a client may give at once, and how many more with each heartbeat.
  private static final int ORDERS = 200;

  private final Caller caller;
  private final Hub hub;
  private final WebSocketReader reader = new WebSocketReader(MAX_MESSAGE, this);
  private final Subscriber subscriber;
  private final long refillNanos;
  private int orders = ORDERS;
  private long refilledAt;
  private boolean closing;

  WebSocketTalk(Caller caller, Hub hub, RequestHead head, LiveConfig config, Runnable ended) {
    this.caller = caller;
    this.hub = hub;
    this.refillNanos = config.heartbeat().toNanos();
    this.subscriber = new Subscriber(hub, caller, this, Requests.base(head), ended);
    this.refilledAt = hub.nanos();
  }

  /// Whether the request asks for a WebSocket at all.
  static boolean isAsked(RequestHead head) {
    String upgrade = head.fields().combined(FieldName.UPGRADE);
    return upgrade != null
        && FieldLists.split(upgrade).stream().anyMatch("websocket"::equalsIgnoreCase);
  }

  /// Whether it asks properly (section 4.2.1), but for the version.
  static boolean isProper(RequestHead head) {
    String connection = head.fields().combined(FieldName.CONNECTION);
    List<String> keys = head.fields().all(KEY);
    return head.version() == Version.HTTP_1_1
        && connection != null
        && FieldLists.split(connection).stream().anyMatch("upgrade"::equalsIgnoreCase)
        && keys.size() == 1
        && isKey(keys.getFirst());
  }

  private static boolean isKey(String key) {
    try {
      return key.length() == 24 && Base64.getDecoder().decode(key).length == 16;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  void open(RequestHead head) {
    String key = head.fields().first(KEY);
    Fields fields = new Fields(4);
    fields.add(FieldName.UPGRADE, "websocket");
    fields.add(FieldName.CONNECTION, "Upgrade");
    fields.add(ACCEPT, WebSocketAccept.of(key == null ? "" : key));
    caller.head(new ResponseHead(101, fields), 0);
    caller.tunnel();
    hub.join(subscriber);
  }

  @Override
  public void content(byte[] octets) {
    subscriber.heard();
    try {
      reader.read(octets);
    } catch (WebSocketReader.Broken e) {
      subscriber.close(e.code(), String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void writable() {
    subscriber.writable();
  }

  @Override
  public void gone() {
    subscriber.gone();
  }

  // ---- what the client says ----

  @Override
  public void text(String message) {
    try {
      Wish.Order order = Wish.message(message);
      if (!isPatient(order.add().size())) {
        subscriber.close(WebSocketFrames.POLICY, "too many orders in a short time");
        return;
      }
      hub.unsubscribe(subscriber, order.drop());
      hub.subscribe(subscriber, order.add());
    } catch (Wish.Unclear e) {
      subscriber.close(WebSocketFrames.POLICY, String.valueOf(e.getMessage()));
    }
  }

  private boolean isPatient(int more) {
    long now = hub.nanos();
    if (now - refilledAt > refillNanos) {
      orders = ORDERS;
      refilledAt = now;
    }
    orders -= Math.max(1, more);
    return orders >= 0;
  }

  @Override
  public void ping(byte[] payload) {
    if (caller.isWritable()) {
      caller.write(WebSocketFrames.frame(WebSocketFrames.PONG, payload));
    }
  }

  @Override
  public void pong() {}

  @Override
  public void close(int code) {
    subscriber.close(code, "");
  }

  // ---- what it is told ----

  @Override
  public void send(Event event) {
    if (event.kind() == Event.Kind.BEAT) {
      caller.write(WebSocketFrames.frame(WebSocketFrames.PING, new byte[0]));
    }
    caller.write(event.frame());
  }

  @Override
  public void close(int code, @Nullable String why) {
    if (!closing) {
      closing = true;
      caller.write(WebSocketFrames.close(code, why == null ? "" : why));
      caller.end();
    }
  }
}
