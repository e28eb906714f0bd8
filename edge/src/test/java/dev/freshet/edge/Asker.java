package dev.freshet.edge;

import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import dev.freshet.http.Version;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Asks an origin and keeps what it hears, for tests; waits are bounded.
final class Asker implements Reply {
  private static final long PATIENCE_SECONDS = 10;

  private final EventLoop loop;
  private final boolean keeping;
  private final StringBuilder content = new StringBuilder();
  private final AtomicLong octets = new AtomicLong();
  private final List<ResponseHead> interims = new CopyOnWriteArrayList<>();
  private final CompletableFuture<ResponseHead> head = new CompletableFuture<>();
  private final CompletableFuture<Fields> end = new CompletableFuture<>();
  private final CompletableFuture<UpstreamFailure> failure = new CompletableFuture<>();
  private final CompletableFuture<Boolean> firstContent = new CompletableFuture<>();
  private volatile CompletableFuture<Boolean> writable = new CompletableFuture<>();
  private volatile String target = "";
  private volatile long length = Long.MIN_VALUE;
  private volatile @Nullable UpstreamCall call;

  private Asker(EventLoop loop, boolean keeping) {
    this.loop = loop;
    this.keeping = keeping;
  }

  static RequestHead request(String method, String target, String... fields) {
    return new RequestHead(
        method, "http", "shop.example", target, Fields.of(fields), Version.HTTP_1_1);
  }

  /// Sends a request and waits until it is under way.
  static Asker ask(Upstreams upstreams, EventLoop loop, RequestHead head, long contentLength) {
    Asker out = new Asker(loop, true);
    out.target = head.target();
    out.run(() -> out.call = upstreams.send(head, contentLength, loop, out));
    return out;
  }

  /// As above, with all content given before there can be a connection.
  static Asker askWithContent(
      Upstreams upstreams, EventLoop loop, RequestHead head, String content) {
    Asker out = new Asker(loop, true);
    ByteBuf data = Unpooled.copiedBuffer(content, StandardCharsets.ISO_8859_1);
    out.run(() -> {
      UpstreamCall sent = upstreams.send(head, content.length(), loop, out);
      out.call = sent;
      sent.content(data);
      sent.contentEnd(new Fields(0));
    });
    return out;
  }

  static Asker get(Upstreams upstreams, EventLoop loop, String target) {
    return ask(upstreams, loop, request("GET", target), 0);
  }

  /// Sends one that nobody waits for, if there is leisure for it.
  static Asker atLeisure(Upstreams upstreams, EventLoop loop, String target) {
    Asker out = new Asker(loop, true);
    out.run(() -> {
      UpstreamCall sent = upstreams.sendAtLeisure(request("GET", target), false, loop, out);
      out.call = sent;
      if (sent != null) {
        sent.contentEnd(new Fields(0));
      }
    });
    return out;
  }

  boolean isSent() {
    return call != null;
  }

  /// Counts content instead of keeping it.
  static Asker getForgetting(Upstreams upstreams, EventLoop loop, String target) {
    Asker out = new Asker(loop, false);
    out.run(() -> out.call = upstreams.send(request("GET", target), 0, loop, out));
    return out;
  }

  private void run(Runnable action) {
    loop.submit(action).awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private UpstreamCall call() {
    UpstreamCall now = call;
    if (now == null) {
      throw new IllegalStateException("nothing was asked");
    }
    return now;
  }

  Asker content(String text) {
    ByteBuf data = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    run(() -> call().content(data));
    return this;
  }

  Asker contentEnd(String... trailers) {
    run(() -> call().contentEnd(Fields.of(trailers)));
    return this;
  }

  boolean isWritable() {
    CompletableFuture<Boolean> out = new CompletableFuture<>();
    run(() -> out.complete(call().isWritable()));
    return await(out);
  }

  void pause(boolean paused) {
    run(() -> call().pauseContent(paused));
  }

  void cancel() {
    run(() -> call().cancel());
  }

  /// What was asked for.
  String target() {
    return target;
  }

  ResponseHead head() {
    return await(head);
  }

  long length() {
    await(head);
    return length;
  }

  /// The whole content, once the response is complete.
  String whole() {
    await(end);
    return contentSoFar();
  }

  String contentSoFar() {
    synchronized (content) {
      return content.toString();
    }
  }

  long octets() {
    return octets.get();
  }

  void awaitContent() {
    await(firstContent);
  }

  void awaitWritable() {
    await(writable);
    writable = new CompletableFuture<>();
  }

  Fields trailers() {
    return await(end);
  }

  UpstreamFailure failure() {
    return await(failure);
  }

  /// True when it ended in a failure; waits for one or the other.
  boolean isLost() {
    return await(end.handle((fields, thrown) -> thrown != null));
  }

  boolean isOver() {
    return end.isDone() || failure.isDone();
  }

  List<Integer> interims() {
    return interims.stream().map(ResponseHead::status).toList();
  }

  private <T> T await(CompletableFuture<T> future) {
    try {
      return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } catch (Exception e) {
      throw new AssertionError(
          "waited in vain; head "
              + head.isDone()
              + ", failure "
              + failure.getNow(null)
              + ", end "
              + end.isDone(),
          e);
    }
  }

  @Override
  public void interim(ResponseHead interim) {
    interims.add(interim);
  }

  @Override
  public void head(ResponseHead response, long contentLength) {
    length = contentLength;
    if (!head.complete(response)) {
      throw new AssertionError("a second head");
    }
  }

  @Override
  public void content(ByteBuf data) {
    octets.addAndGet(data.readableBytes());
    if (keeping) {
      synchronized (content) {
        content.append(data.toString(StandardCharsets.ISO_8859_1));
      }
    }
    data.release();
    firstContent.complete(true);
  }

  @Override
  public void end(Fields trailers) {
    if (isOver()) {
      throw new AssertionError("ended twice");
    }
    end.complete(trailers);
  }

  @Override
  public void failed(UpstreamFailure failed) {
    if (isOver()) {
      throw new AssertionError("failed after the end");
    }
    failure.complete(failed);
    head.completeExceptionally(new AssertionError(failed.toString()));
    end.completeExceptionally(new AssertionError(failed.toString()));
  }

  @Override
  public void writable() {
    writable.complete(true);
  }
}
