package dev.freshet.edge;

/// Whether what is stored for everybody under a URL would be served to whoever asks, without a
/// question to the app.
public enum Held {
  NO,
  FRESH,
  /// Past its lifetime, but within the window where it may be served while a newer one is fetched
  /// (RFC 5861, section 3).
  WHILE_REVALIDATING
}
