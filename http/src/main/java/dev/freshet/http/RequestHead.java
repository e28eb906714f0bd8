package dev.freshet.http;

/// A request without its content (RFC 9110, section 6.2), whatever the HTTP version it came in.
///
/// @param method as sent, case-sensitive
/// @param scheme `http` or `https`
/// @param authority host and optional port, lower case, without user information; empty only for
///   `OPTIONS *` without Host
/// @param target path and query in origin form, starting with `/`; or `*` for OPTIONS, or empty for
///   CONNECT
/// @param fields without pseudo-fields; `Host` is kept out (see authority)
/// @param version the version the sender spoke
public record RequestHead(
    String method, String scheme, String authority, String target, Fields fields, Version version) {

  public RequestHead withFields(Fields other) {
    return new RequestHead(method, scheme, authority, target, other, version);
  }

  /// The target up to `?`.
  public String path() {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  /// What stands after `?`, empty when there is none.
  public String query() {
    int query = target.indexOf('?');
    return query < 0 ? "" : target.substring(query + 1);
  }
}
