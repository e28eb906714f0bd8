package dev.freshet.edge;

import dev.freshet.edge.RouteRule.Share;
import dev.freshet.http.CacheDirectives;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;

/// The fields of a response that lives as long as its rows stay as they are.
///
/// Nobody can call back what a browser has, so it may keep the response but has to ask each time:
/// `no-cache`, with a strong tag made of the content where the app gave none. Times of change won't
/// do as validators: two changes may fall into one second.
final class RowsFields {
  private RowsFields() {}

  /// Puts what browsers and caches in front may do in the place of what the app said.
  static void forBrowsers(Fields fields, Share share) {
    boolean isExact = CacheDirectives.parse(fields).noTransform();
    String told = share == Share.PUBLIC ? "no-cache" : "private, no-cache";
    fields.set(FieldName.CACHE_CONTROL, isExact ? told + ", no-transform" : told);
    fields.remove(FieldName.EXPIRES);
    fields.remove(FieldName.CDN_CACHE_CONTROL);
  }
}
