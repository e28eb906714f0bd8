package dev.freshet.edge;

import dev.freshet.cache.Entry;
import dev.freshet.http.ResponseHead;
import io.netty.channel.EventLoop;

/// An exchange that waits for a [Fill]; all calls on its own event loop.
interface Waiter {

  EventLoop loop();

  /// A 1xx came; only the one who caused the trip hears of it.
  void interim(ResponseHead head);

  /// True when the response can answer this request too; called from the fill's loop.
  boolean accepts(StoredResponse prospect);

  /// The response is on its way: read along.
  void follow(Fill fill, Fill.Stream stream);

  /// The entry is the answer: the origin confirmed it, or it may stand in for an error.
  void use(Entry<StoredResponse> entry, Outcome outcome);

  /// The response is for nobody else: ask the origin yourself.
  void goAlone();

  /// The leader takes the stream over, since nothing is stored; called on the fill's loop, which is
  /// the leader's.
  Reply takeOver(UpstreamCall call, Reason reason);

  /// No answer.
  void failed(UpstreamFailure failure);
}
