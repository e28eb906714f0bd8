package dev.freshet.edge;

import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import dev.freshet.http.Version;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Asks one origin for its health again and again, through the same pool and protocol as requests;
/// lives on one event loop.
final class HealthCheck {
  private final Origin origin;
  private final OriginConfig.Check check;
  private final OriginConfig config;
  private final EventLoop loop;
  private @Nullable Probe running;
  private volatile @Nullable ScheduledFuture<?> ticker;

  private HealthCheck(Origin origin, OriginConfig.Check check, EventLoop loop) {
    this.origin = origin;
    this.check = check;
    this.config = origin.config();
    this.loop = loop;
  }

  /// Begins to check at once.
  static HealthCheck start(Origin origin, OriginConfig.Check check, EventLoop loop) {
    HealthCheck out = new HealthCheck(origin, check, loop);
    long every = check.every().toNanos();
    out.ticker = loop.scheduleAtFixedRate(out::ask, 0, every, TimeUnit.NANOSECONDS);
    return out;
  }

  void stop() {
    ScheduledFuture<?> running = ticker;
    if (running != null) {
      running.cancel(false);
    }
  }

  private void ask() {
    if (running != null) {
      return;
    }
    Fields fields = Fields.of("User-Agent", "freshet-health", "Accept", "*/*");
    String scheme = origin.url().scheme();
    RequestHead head =
        new RequestHead(
            "GET", scheme, origin.url().authority(), check.path(), fields, Version.HTTP_1_1);
    Probe probe = new Probe();
    running = probe;
    Balancer pinned = new Balancer(List.of(origin), OriginConfig.AllDown.TRY);
    OriginCall call = new OriginCall(pinned, config, head, 0, loop, probe, true);
    probe.call = call;
    probe.deadline = loop.schedule(probe::late, check.within().toNanos(), TimeUnit.NANOSECONDS);
    call.start();
  }

  private void judge(Probe probe, boolean well) {
    if (running != probe) {
      return;
    }
    running = null;
    ScheduledFuture<?> deadline = probe.deadline;
    if (deadline != null) {
      deadline.cancel(false);
    }
    if (well) {
      origin.health().checkSucceeded();
    } else {
      origin.health().checkFailed();
    }
  }

  private boolean isExpected(int status) {
    return check.status() == 0 ? status >= 200 && status < 400 : status == check.status();
  }

  /// One check under way.
  private final class Probe implements Reply {
    private @Nullable OriginCall call;
    private @Nullable ScheduledFuture<?> deadline;
    private boolean expected;

    private void late() {
      if (running == this && call != null) {
        call.cancel();
        judge(this, false);
      }
    }

    @Override
    public void interim(ResponseHead head) {}

    @Override
    public void head(ResponseHead head, long length) {
      expected = isExpected(head.status());
    }

    @Override
    public void content(ByteBuf data) {
      data.release();
    }

    @Override
    public void end(Fields trailers) {
      judge(this, expected);
    }

    @Override
    public void failed(UpstreamFailure failure) {
      judge(this, false);
    }

    @Override
    public void writable() {}
  }
}
