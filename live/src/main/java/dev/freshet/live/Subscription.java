package dev.freshet.live;

import dev.freshet.http.RequestHead;
import org.jspecify.annotations.Nullable;

/// One URL that one subscriber follows. Belongs to the hub's thread.
final class Subscription {
  final Subscriber subscriber;
  final String url;
  final As as;

  /// What asks for the answer in the subscriber's name.
  final RequestHead head;

  /// The last version it was told, or said to have.
  @Nullable String version;

  /// Whether it has heard of its first state.
  boolean greeted;

  boolean over;
  int attempts;
  @Nullable Topic topic;

  Subscription(Subscriber subscriber, Wish wish, RequestHead head) {
    this.subscriber = subscriber;
    this.url = wish.url();
    this.as = wish.as();
    this.version = wish.have();
    this.head = head;
  }

  boolean wantsContent() {
    return as != As.NOTICE;
  }
}
