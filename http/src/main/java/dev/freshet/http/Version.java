package dev.freshet.http;

/// The HTTP versions spoken here.
public enum Version {
  HTTP_1_0("HTTP/1.0", "1.0"),
  HTTP_1_1("HTTP/1.1", "1.1"),
  HTTP_2("HTTP/2", "2");

  private final String text;
  private final String via;

  Version(String text, String via) {
    this.text = text;
    this.via = via;
  }

  /// As in a request line.
  public String text() {
    return text;
  }

  /// As received-protocol in `Via` (RFC 9110, section 7.6.3).
  public String via() {
    return via;
  }
}
