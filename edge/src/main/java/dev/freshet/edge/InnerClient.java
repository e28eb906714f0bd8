package dev.freshet.edge;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A client within the program: it asks as one outside would, and keeps what it is answered.
final class InnerClient implements Client {
  private final EventLoop loop;
  private final InetSocketAddress peer;
  private final int limit;
  private final CompletableFuture<InnerAnswer> answer = new CompletableFuture<>();
  private final ByteArrayOutputStream content = new ByteArrayOutputStream();
  private @Nullable Exchange exchange;
  private @Nullable Conversation talk;
  private String wanted = "";
  private @Nullable ResponseHead head;
  private boolean over;

  /// @param limit octets of content; longer ones are cut and count as made from nothing known
  InnerClient(EventLoop loop, InetSocketAddress peer, int limit) {
    this.loop = loop;
    this.peer = peer;
    this.limit = limit;
  }

  /// Asks; on the loop.
  CompletableFuture<InnerAnswer> ask(Site site, RequestHead asked) {
    Pager pager = Pager.of(site, asked, 0, this);
    Exchange begun = pager == null ? new Exchange(site, asked, 0, this) : pager.exchange();
    Conversation with = pager == null ? begun : pager;
    exchange = begun;
    talk = with;
    try {
      if (pager == null) {
        begun.begin();
      } else {
        wanted = "\npage " + pager.wanted();
        pager.begin();
      }
      if (!over) {
        with.contentEnd(new Fields(0));
      }
    } catch (RuntimeException e) {
      over = true;
      with.gone();
      answer.completeExceptionally(e);
    }
    return answer;
  }

  @Override
  public EventLoop loop() {
    return loop;
  }

  @Override
  public InetSocketAddress peer() {
    return peer;
  }

  @Override
  public void interim(ResponseHead interim) {}

  @Override
  public void head(ResponseHead received, long length) {
    head = received;
  }

  @Override
  public void write(ByteBuf data) {
    try {
      if (!over) {
        data.readBytes(content, Math.min(data.readableBytes(), limit + 1 - content.size()));
      }
    } catch (IOException e) {
      throw new IllegalStateException("an array takes whatever it is given", e);
    } finally {
      data.release();
    }
    if (!over && content.size() > limit) {
      cut();
    }
  }

  @Override
  public void end(Fields trailers) {
    Exchange from = exchange;
    ResponseHead got = head;
    if (over || from == null || got == null) {
      return;
    }
    over = true;
    var _ =
        from.answers()
            .grounds()
            .thenAccept(evidence ->
                answer.complete(
                    new InnerAnswer(
                        got.status(),
                        got.fields(),
                        content.toByteArray(),
                        evidence.orElse(null),
                        sharedAs(from),
                        status(got))));
  }

  private @Nullable String sharedAs(Exchange from) {
    String same = from.answers().sharedAs();
    return same == null ? null : same + wanted;
  }

  private static String status(ResponseHead got) {
    String told = got.fields().combined(FieldName.CACHE_STATUS);
    return told == null ? "" : told;
  }

  @Override
  public void send(Stored stored, Dynamic dynamic, byte[][] pieces) {
    Fields fields = stored.fields().copy();
    fields.add(FieldName.CACHE_STATUS, dynamic.status());
    head = new ResponseHead(stored.status(), fields);
    for (byte[] piece : pieces) {
      content.write(piece, 0, Math.min(piece.length, limit + 1 - content.size()));
    }
    if (content.size() > limit) {
      cut();
    } else {
      end(new Fields(0));
    }
  }

  /// More is not wanted.
  private void cut() {
    over = true;
    ResponseHead got = head;
    Conversation with = talk;
    if (got != null && with != null) {
      answer.complete(
          new InnerAnswer(
              got.status(), got.fields(), content.toByteArray(), null, null, status(got)));
      loop.execute(with::gone);
    }
  }

  @Override
  public boolean isWritable() {
    return true;
  }

  @Override
  public void pauseContent(boolean paused) {}

  @Override
  public void abort() {
    if (!over) {
      over = true;
      answer.completeExceptionally(new IOException("the answer broke off"));
    }
  }

  @Override
  public void tunnel() {
    abort();
  }
}
