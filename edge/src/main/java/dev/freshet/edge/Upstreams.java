package dev.freshet.edge;

import dev.freshet.http.RequestHead;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The origins behind this edge: chooses one, keeps connections, checks health.
interface Upstreams {

  /// Sends a request to a chosen origin.
  ///
  /// Safe and idempotent requests are tried again on another connection or origin when the first
  /// try failed without any response, unless too much of their content has flowed; so is any
  /// request whose failure is [UpstreamFailure#retryable()].
  ///
  /// @param head as it shall reach the origin: forwarding fields added, hop-by-hop fields removed,
  ///   but for `Upgrade` where a protocol switch is wanted
  /// @param contentLength 0 for none, -1 when only its end will tell
  /// @param loop where all of `reply` and the returned call's methods run; connections are kept per
  ///   loop, so nothing crosses threads
  UpstreamCall send(RequestHead head, long contentLength, EventLoop loop, Reply reply);

  /// As [#send], for a request without content for which nobody waits: only where there is leisure
  /// for it at this moment, and never behind others; else null, and the reply hears of nothing.
  ///
  /// @param isSought whether some visitor will most likely want its answer
  @Nullable UpstreamCall sendAtLeisure(
      RequestHead head, boolean isSought, EventLoop loop, Reply reply);

  /// Whether one more request may be sent for which nobody waits.
  ///
  /// @param isSought whether some visitor will most likely want its answer
  boolean hasLeisure(boolean isSought);

  /// One line an origin, for the console: `address`, `healthy`, `inUse` and more.
  List<Map<String, Object>> describe();

  /// Lets calls under way finish, then lets go of every connection.
  void closeGracefully();
}
