package dev.freshet.live;

import dev.freshet.http.Caller;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import dev.freshet.http.Talk;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A subscriber on an event stream (WHATWG HTML, "Server-sent events"). The id of an event holds
/// the versions that the client then has, in the order of its URLs: what the browser sends back as
/// `Last-Event-ID` is all that is needed to go on.
final class EventStreamTalk implements Talk, Subscriber.Line {
  private static final FieldName BUFFERING = FieldName.of("X-Accel-Buffering");
  private static final FieldName ALLOW_ORIGIN = FieldName.of("Access-Control-Allow-Origin");
  private static final FieldName ALLOW_CREDENTIALS =
      FieldName.of("Access-Control-Allow-Credentials");
  private static final String UNKNOWN = "-";

  private final Caller caller;
  private final Hub hub;
  private final Subscriber subscriber;
  private final Map<String, String> versions = new LinkedHashMap<>();

  EventStreamTalk(Caller caller, Hub hub, RequestHead head, Runnable ended) {
    this.caller = caller;
    this.hub = hub;
    this.subscriber = new Subscriber(hub, caller, this, Requests.base(head), ended);
  }

  /// @param origin to be named in the answer, or null
  /// @param retryMillis after which the browser comes again when the stream ends
  void open(List<Wish> wishes, @Nullable String origin, int retryMillis) {
    Fields fields = new Fields(6);
    fields.add(FieldName.CONTENT_TYPE, "text/event-stream");
    fields.add(FieldName.CACHE_CONTROL, "no-store");
    fields.add(BUFFERING, "no");
    if (origin != null) {
      fields.add(ALLOW_ORIGIN, origin);
      fields.add(ALLOW_CREDENTIALS, "true");
      fields.add(FieldName.VARY, "Origin");
    }
    caller.head(new ResponseHead(200, fields), -1);
    for (Wish wish : wishes) {
      String have = wish.have();
      versions.put(wish.url(), have == null ? UNKNOWN : have);
    }
    caller.write(("retry: " + retryMillis + "\n\n").getBytes(StandardCharsets.ISO_8859_1));
    hub.join(subscriber);
    hub.subscribe(subscriber, wishes);
  }

  @Override
  public void writable() {
    subscriber.writable();
  }

  @Override
  public void gone() {
    subscriber.gone();
  }

  @Override
  public void send(Event event) {
    // There is nothing to hear from the client: that it takes what is sent has to do.
    subscriber.heard();
    String url = event.url();
    String version = event.version();
    ByteArrayOutputStream out = new ByteArrayOutputStream(event.json().length + 64);
    if (url != null) {
      versions.computeIfPresent(url, (u, old) -> version == null ? UNKNOWN : version);
      out.writeBytes(ascii("id: " + String.join(".", versions.values()) + "\n"));
    }
    out.writeBytes(ascii("data: "));
    out.writeBytes(event.json());
    out.writeBytes(ascii("\n\n"));
    caller.write(out.toByteArray());
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close(int code, String why) {
    caller.end();
  }
}
