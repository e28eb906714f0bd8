package dev.freshet.http;

/// A response without its content.
///
/// @param status 100 to 599
/// @param fields without pseudo-fields
public record ResponseHead(int status, Fields fields) {

  /// True for 1xx (RFC 9110, section 15.2).
  public boolean isInterim() {
    return status < 200;
  }
}
