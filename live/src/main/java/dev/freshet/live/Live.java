package dev.freshet.live;

import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.freshness.Freshness;
import dev.freshet.http.Caller;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.OwnResource;
import dev.freshet.http.OwnText;
import dev.freshet.http.OwnText.Text;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import dev.freshet.http.Talk;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// Live updates, running: answers who opens a channel, and serves the script that browsers open it
/// with.
public final class Live implements AutoCloseable {
  /// Where the channel is.
  public static final String CHANNEL = "/.freshet/live";

  /// Where the browser's script is.
  public static final String SCRIPT = "/.freshet/live.js";

  private static final Talk NOTHING_MORE = new Talk() {};
  private static final FieldName LAST_EVENT = FieldName.of("Last-Event-ID");

  /// Browsers come back after one to three seconds, so that not all come at once.
  private static final int RETRY_MILLIS = 1_000;

  private static final int RETRY_SPREAD = 2_000;
  private static final int RETRY_STEP = 761;

  private final LiveConfig config;
  private final Hub hub;
  private final LiveFigures figures;
  private final Admission admission;
  private final AtomicInteger streams = new AtomicInteger();
  private final String script;
  private volatile boolean closing;

  private Live(LiveConfig config, Hub hub, LiveFigures figures) {
    this.config = config;
    this.hub = hub;
    this.figures = figures;
    this.admission = new Admission(config);
    try (InputStream in = Live.class.getResourceAsStream("live.js")) {
      if (in == null) {
        throw new IllegalStateException("live.js is not in the program");
      }
      script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// @param fetch asks for answers in a client's name
  public static Live open(
      LiveConfig config, Freshness freshness, Fetch fetch, Time time, Meters meters) {
    LiveFigures figures = new LiveFigures(meters);
    return new Live(config, new Hub(config, freshness, fetch, time, figures), figures);
  }

  /// The channel: a WebSocket, or an event stream.
  public OwnResource channel() {
    return this::begin;
  }

  /// The browser's script.
  public OwnResource script() {
    return new OwnText(
        head -> Text.of("text/javascript; charset=utf-8", "public, max-age=300", script));
  }

  /// Figures of this moment.
  public LiveSnapshot snapshot() {
    return hub.snapshot();
  }

  /// Ends all channels and opens no more; clients come again elsewhere, or later.
  public void drain() {
    closing = true;
    hub.dismissAll();
  }

  @Override
  public void close() {
    closing = true;
    hub.close();
  }

  private Talk begin(RequestHead head, Caller caller) {
    if (!head.method().equals("GET")) {
      return say(caller, 405, "A channel is opened with GET.", Fields.of("Allow", "GET"));
    }
    if (closing) {
      return say(caller, 503, "Going away.", Fields.of("Retry-After", "1"));
    }
    boolean isWebSocket = WebSocketTalk.isAsked(head);
    if (isWebSocket && !"13".equals(head.fields().first(WebSocketTalk.VERSION))) {
      return say(
          caller, 426, "WebSocket version 13 is spoken.", Fields.of("Sec-WebSocket-Version", "13"));
    }
    if (isWebSocket && !WebSocketTalk.isProper(head)) {
      return say(caller, 400, "This is no WebSocket handshake.", new Fields(2));
    }
    List<Wish> wishes = List.of();
    if (!isWebSocket) {
      try {
        wishes = Wish.query(head.query(), head.fields().first(LAST_EVENT));
      } catch (Wish.Unclear e) {
        return say(
            caller,
            400,
            "Open a WebSocket, or an event stream with ?url=/path&as=notice: "
                + e.getMessage()
                + ".",
            new Fields(2));
      }
    }
    String address = admission.address(head, caller.peer());
    Admission.Refused refused = admission.enter(head, address);
    if (refused != null) {
      figures.refused(refused.reason());
      return say(caller, refused.status(), refused.text(), new Fields(2));
    }
    Runnable ended = () -> admission.leave(address);
    if (isWebSocket) {
      WebSocketTalk talk = new WebSocketTalk(caller, hub, head, config, ended);
      talk.open(head);
      return talk;
    }
    EventStreamTalk talk = new EventStreamTalk(caller, hub, head, ended);
    String origin = admission.isNamedOrigin(head) ? head.fields().first(FieldName.ORIGIN) : null;
    int spread = Math.floorMod(streams.getAndAdd(RETRY_STEP), RETRY_SPREAD);
    talk.open(wishes, origin, RETRY_MILLIS + spread);
    return talk;
  }

  private static Talk say(Caller caller, int status, String text, Fields fields) {
    byte[] content = (text + "\n").getBytes(StandardCharsets.UTF_8);
    fields.add(FieldName.CONTENT_TYPE, "text/plain; charset=utf-8");
    fields.add(FieldName.CACHE_CONTROL, "no-store");
    caller.head(new ResponseHead(status, fields), content.length);
    caller.write(content);
    caller.end();
    return NOTHING_MORE;
  }
}
