package dev.freshet.edge;

import dev.freshet.cache.Entry;
import dev.freshet.http.ResponseHead;
import io.netty.channel.EventLoop;

/// An exchange that waits for a [Fill]; all calls on its own event loop.
interface Waiter {

  EventLoop loop();

  /// When it was asked, on the scale of [dev.freshet.base.Time#nanos].
  long since();

  /// A 1xx came; only the one who caused the trip hears of it.
  void interim(ResponseHead head);

  /// True when the response can answer this request too; called from the fill's loop.
  boolean accepts(StoredResponse prospect);

  /// True when it is of no use in part, and its end brings fewer octets: then the trip's end is
  /// told by [#lookAgain]; called from the fill's loop.
  boolean waitsForTheEnd(FillStream stream);

  /// The response is on its way: read along.
  void follow(Fill fill, FillStream stream);

  /// The entry is the answer: the origin confirmed it, or it may stand in for an error.
  void use(Entry<StoredResponse> entry, Outcome outcome);

  /// The response is for nobody else: ask the origin yourself.
  void goAlone();

  /// The trip is over: what came of it may be stored, and whether it still holds shows when it is
  /// looked up.
  void lookAgain();

  /// The leader takes the stream over, since nothing is stored; called on the fill's loop, which is
  /// the leader's.
  ///
  /// @param learning the trip's, to be ended with the stream
  Reply takeOver(UpstreamCall call, Reason reason, Learning learning);

  /// No answer.
  void failed(UpstreamFailure failure);
}
