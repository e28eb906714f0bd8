package dev.freshet.edge;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import dev.freshet.recording.Answer;
import dev.freshet.recording.Recorder;
import dev.freshet.recording.Seen;
import dev.freshet.recording.Sighting;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Stands between a client and its exchange while traffic is recorded, and tells the recorder what
/// passes: the request when all of it is there, its answer when that has left.
final class RecordedExchange implements Client, Conversation {
  private static final FieldName REQUESTED_WITH = FieldName.of("X-Requested-With");
  private static final int ROOM = 4_096;
  private final Recorder recorder;
  private final Site site;
  private final Client client;
  private final String method;
  private final String host;
  private final String target;
  private final Who who;
  private final Sighting.Said said;
  private final @Nullable String contentType;
  private final boolean isCoded;
  private final long started;
  private @Nullable Conversation talk;
  private @Nullable Seen seen;
  private @Nullable ByteArrayOutputStream content;
  private int reserved;
  private long received;
  private int status;
  private boolean isHit;
  private long octets;
  private boolean over;

  /// What tells a visitor from others.
  private record Who(String name, boolean isByAddress) {}

  private RecordedExchange(
      Recorder recorder, Site site, RequestHead head, Client client, boolean trustsForwarded) {
    this.recorder = recorder;
    this.site = site;
    this.client = client;
    // What is needed later is taken now: fields change on their way.
    Fields fields = head.fields();
    method = head.method();
    host = head.authority();
    target = head.target();
    who = who(fields, trustsForwarded);
    String accept = fields.combined(FieldName.ACCEPT);
    // Some clients offer HTTP/2 with each request, which changes nothing.
    String upgrade = fields.combined(FieldName.UPGRADE);
    boolean isStream =
        (upgrade != null && upgrade.toLowerCase(Locale.ROOT).contains("websocket"))
            || (accept != null && accept.contains("text/event-stream"));
    said =
        new Sighting.Said(
            accept,
            fields.combined(FieldName.ACCEPT_LANGUAGE),
            fields.first(FieldName.RANGE),
            fields.first(FieldName.AUTHORIZATION),
            fields.has(FieldName.COOKIE),
            fields.has(REQUESTED_WITH),
            isStream);
    contentType = fields.first(FieldName.CONTENT_TYPE);
    isCoded = fields.has(FieldName.CONTENT_ENCODING);
    started = site.time().nanos();
  }

  /// Begins an exchange that is recorded.
  ///
  /// @param inner begins the exchange itself
  static Conversation begin(
      Recorder recorder,
      Site site,
      RequestHead head,
      long contentLength,
      Client client,
      boolean trustsForwarded,
      Handler inner) {
    RecordedExchange made = new RecordedExchange(recorder, site, head, client, trustsForwarded);
    if (contentLength == 0) {
      made.note(true);
    }
    made.talk = inner.begin(head, contentLength, made);
    return made;
  }

  private Who who(Fields fields, boolean trustsForwarded) {
    @Nullable String[] session = new String[1];
    for (String line : fields.all(FieldName.COOKIE)) {
      Cookies.forEach(
          line,
          (name, value) -> {
            if (session[0] == null && Cookies.isSession(name, site.sessionCookies())) {
              session[0] = cookie(name, value);
            }
          });
    }
    String named = session[0];
    if (named != null) {
      return new Who(named, false);
    }
    String authorization = fields.first(FieldName.AUTHORIZATION);
    if (authorization != null) {
      return new Who("authorization " + authorization, false);
    }
    String forwarded = trustsForwarded ? fields.first(FieldName.X_FORWARDED_FOR) : null;
    String address =
        forwarded != null ? first(forwarded) : client.peer().getAddress().getHostAddress();
    return new Who("address " + address + ' ' + fields.first(FieldName.USER_AGENT), true);
  }

  private static String cookie(String name, String value) {
    return "cookie " + name + '=' + value;
  }

  private static String first(String list) {
    int comma = list.indexOf(',');
    return comma < 0 ? list : list.substring(0, comma);
  }

  /// Tells of the request.
  ///
  /// @param isComplete whether all of its content has come
  private void note(boolean isComplete) {
    if (seen != null) {
      return;
    }
    ByteArrayOutputStream taken = content;
    content = null;
    recorder.giveBack(reserved);
    reserved = 0;
    String text = isComplete && taken != null ? taken.toString(StandardCharsets.ISO_8859_1) : null;
    seen =
        recorder.asked(
            new Sighting(
                who.name(),
                who.isByAddress(),
                method,
                host,
                target,
                said,
                new Sighting.Content(
                    contentType, isCoded, Math.max(received, isComplete ? 0 : 1), text),
                site.time().nanos()));
  }

  private void answering(int with, Fields fields) {
    note(false);
    status = with;
    for (String line : fields.all(FieldName.SET_COOKIE)) {
      int end = line.indexOf(';');
      Cookies.forEach(end < 0 ? line : line.substring(0, end), this::given);
    }
  }

  private void given(String name, String value) {
    String next = cookie(name, value);
    boolean isSession = !value.isEmpty() && Cookies.isSession(name, site.sessionCookies());
    if (isSession && seen != null && !next.equals(who.name())) {
      recorder.renamed(seen, next);
    }
  }

  /// Before the last octet is handed over: the next request may begin within that call.
  private void answered() {
    if (!over) {
      over = true;
      note(false);
      if (seen != null) {
        long took = site.time().nanos() - started;
        recorder.answered(seen, new Answer(status, took, isHit, octets));
      }
    }
  }

  private static boolean isHit(@Nullable String cacheStatus) {
    return cacheStatus != null
        && (cacheStatus.contains("; hit") || cacheStatus.contains("; collapsed"));
  }

  // ---- from the client ----

  private Conversation talk() {
    Conversation with = talk;
    if (with == null) {
      throw new IllegalStateException("the exchange has not begun");
    }
    return with;
  }

  @Override
  public void content(ByteBuf data) {
    int n = data.readableBytes();
    received += n;
    if (seen == null) {
      take(data, n);
    }
    talk().content(data);
  }

  private void take(ByteBuf data, int n) {
    if (received == n) {
      content = new ByteArrayOutputStream(Math.min(n, ROOM));
    }
    ByteArrayOutputStream taking = content;
    if (taking == null) {
      return;
    }
    if (received > recorder.maxContent() || !recorder.reserve(n)) {
      content = null;
      return;
    }
    reserved += n;
    byte[] part = new byte[n];
    data.getBytes(data.readerIndex(), part);
    taking.writeBytes(part);
  }

  @Override
  public void contentEnd(Fields trailers) {
    note(true);
    talk().contentEnd(trailers);
  }

  @Override
  public void writable() {
    talk().writable();
  }

  @Override
  public void gone() {
    answered();
    talk().gone();
  }

  // ---- to the client ----

  @Override
  public EventLoop loop() {
    return client.loop();
  }

  @Override
  public InetSocketAddress peer() {
    return client.peer();
  }

  @Override
  public void interim(ResponseHead head) {
    client.interim(head);
  }

  @Override
  public void head(ResponseHead head, long length) {
    answering(head.status(), head.fields());
    isHit = isHit(head.fields().combined(FieldName.CACHE_STATUS));
    client.head(head, length);
  }

  @Override
  public void write(ByteBuf data) {
    octets += data.readableBytes();
    client.write(data);
  }

  @Override
  public void end(Fields trailers) {
    answered();
    client.end(trailers);
  }

  @Override
  public void send(Stored head, Dynamic dynamic, byte[][] whole) {
    answering(head.status(), head.fields());
    isHit = isHit(dynamic.cacheStatus());
    for (byte[] part : whole) {
      octets += part.length;
    }
    answered();
    client.send(head, dynamic, whole);
  }

  @Override
  public long sentOf(long many) {
    return client.sentOf(many);
  }

  @Override
  public boolean isWritable() {
    return client.isWritable();
  }

  @Override
  public void pauseContent(boolean paused) {
    client.pauseContent(paused);
  }

  @Override
  public void abort() {
    answered();
    client.abort();
  }

  @Override
  public void tunnel() {
    client.tunnel();
  }
}
