package dev.freshet.edge;

import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.http.RequestHead;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The origins behind the edge, as one configuration names them. A reload opens another one and
/// closes this gracefully.
///
/// Threads: what belongs to a call happens on the asker's event loop, connections included; loops
/// share only counters and health.
final class Origins implements Upstreams {
  private final OriginConfig config;
  private final List<Origin> origins;
  private final Balancer balancer;
  private final List<HealthCheck> checks;

  private Origins(OriginConfig config, List<Origin> origins, List<HealthCheck> checks) {
    this.config = config;
    this.origins = origins;
    this.balancer = new Balancer(origins, config.health().allDown());
    this.checks = checks;
  }

  /// Makes them ready; connects to none yet, except for active health checks. Throws
  /// [dev.freshet.base.Trouble.Found] when the file of TLS authorities can't be used.
  ///
  /// @param loops where health checks run
  static Origins open(OriginConfig config, EventLoopGroup loops, Time time, Meters meters) {
    List<Origin> origins = new ArrayList<>();
    for (OriginUrl url : config.origins()) {
      origins.add(new Origin(url, config, time, meters));
    }
    List<HealthCheck> checks = new ArrayList<>();
    OriginConfig.Check check = config.health().check();
    if (check != null) {
      for (Origin origin : origins) {
        checks.add(HealthCheck.start(origin, check, loops.next()));
      }
    }
    return new Origins(config, List.copyOf(origins), List.copyOf(checks));
  }

  /// As promised by [Upstreams#send]; the reply is not called before this returns.
  @Override
  public UpstreamCall send(RequestHead head, long contentLength, EventLoop loop, Reply reply) {
    RequestEncoder.check(head);
    OriginCall call = new OriginCall(balancer, config, head, contentLength, loop, reply, false);
    call.start();
    return call;
  }

  @Override
  public @Nullable UpstreamCall sendAtLeisure(
      RequestHead head, boolean isSought, EventLoop loop, Reply reply) {
    RequestEncoder.check(head);
    OriginCall call = new OriginCall(balancer, config, head, 0, loop, reply, false);
    return call.startAtLeisure(isSought) ? call : null;
  }

  @Override
  public boolean hasLeisure(boolean isSought) {
    return origins.stream()
        .anyMatch(origin -> origin.health().isUp() && origin.gate().hasLeisure(isSought));
  }

  /// Closes idle connections now and the others when their calls are over. Calls sent from now on
  /// still work, on connections of their own.
  @Override
  public void closeGracefully() {
    checks.forEach(HealthCheck::stop);
    origins.forEach(Origin::closeGracefully);
  }

  /// One line an origin, as key and value, for the console.
  @Override
  public List<Map<String, Object>> describe() {
    return origins.stream().map(Origin::describe).toList();
  }
}
