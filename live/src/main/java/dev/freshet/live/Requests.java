package dev.freshet.live;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import java.util.Set;

/// Makes requests in a subscriber's name: with its own fields, without those that are about the
/// channel it opened.
final class Requests {
  private static final Set<String> OF_THE_CHANNEL =
      Set.of(
          "accept",
          "accept-encoding",
          "cache-control",
          "connection",
          "content-length",
          "content-type",
          "expect",
          "http2-settings",
          "if-match",
          "if-modified-since",
          "if-none-match",
          "if-range",
          "if-unmodified-since",
          "keep-alive",
          "last-event-id",
          "origin",
          "pragma",
          "priority",
          "proxy-connection",
          "range",
          "te",
          "traceparent",
          "tracestate",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private Requests() {}

  /// What all requests of a channel have in common.
  static RequestHead base(RequestHead channel) {
    Fields fields = channel.fields().copy();
    fields.removeIf(name -> {
      String lower = name.lower();
      return OF_THE_CHANNEL.contains(lower)
          || lower.startsWith("sec-websocket-")
          || lower.startsWith("sec-fetch-");
    });
    fields.add(FieldName.ACCEPT, "*/*");
    return new RequestHead(
        "GET", channel.scheme(), channel.authority(), channel.target(), fields, channel.version());
  }

  static RequestHead of(RequestHead base, Wish wish) {
    return new RequestHead(
        base.method(), base.scheme(), base.authority(), wish.url(), base.fields(), base.version());
  }
}
