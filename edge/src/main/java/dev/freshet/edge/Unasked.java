package dev.freshet.edge;

import dev.freshet.cache.Entry;
import dev.freshet.http.RequestHead;
import io.netty.channel.EventLoop;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/* It is an ordinary trip (a Fill without a leader): its position is taken before it begins, what
 * it reads is learned, and it is stored only if that still holds. So nothing here can make an old
 * answer look new.
 */

/// How a trip begins that nobody waits for: only where the app has leisure, and never beside
/// another one for its key.
sealed interface Unasked {
  /// The app has no place for what nobody waits for, or it has just been made: who comes again will
  /// see.
  record Busy() implements Unasked {}

  /// Another trip for its key has to be over first.
  record Behind(Fill other) implements Unasked {}

  /// It is under way.
  record Begun(Fill made) implements Unasked {}

  /// Begins it, on the loop.
  ///
  /// @param head tells nothing of a visitor
  /// @param old an answer whose validators may be sent, or null
  /// @param isSought whether some visitor will most likely want its answer
  /// @param isDue whether it is still to be made, as far as the cache tells
  static Unasked begin(
      Site site,
      String key,
      RequestHead head,
      @Nullable Entry<StoredResponse> old,
      boolean isSought,
      BooleanSupplier isDue,
      EventLoop loop) {
    Routes.Route route = site.routes().of(head);
    Learning learning = Learning.begin(site, route, head);
    boolean isSent = false;
    try {
      Fill made = new Fill(site, trip(site, key, head, route, old, learning, loop), null);
      Fill other = site.flights().get(key);
      if (other != null) {
        return new Behind(other);
      }
      // One that was under way a moment ago has left its answer before it was gone.
      if (!isDue.getAsBoolean() || !site.flights().putIfAbsent(key, made)) {
        return new Busy();
      }
      isSent = made.startAtLeisure(isSought);
      return isSent ? new Begun(made) : new Busy();
    } finally {
      if (!isSent) {
        learning.drop();
      }
    }
  }

  private static Trip trip(
      Site site,
      String key,
      RequestHead head,
      Routes.Route route,
      @Nullable Entry<StoredResponse> old,
      Learning learning,
      EventLoop loop) {
    Entry<StoredResponse> base = old == null || old.meta().validators().isEmpty() ? null : old;
    return new Trip(
        key,
        head,
        Requests.toOrigin(site, route, head, null, base, false, true, learning),
        route,
        false,
        base,
        null,
        site.compression().choose(head.fields()),
        true,
        learning,
        loop);
  }
}
