package dev.freshet.assets;

/// Whether an asset would be served from memory to whoever asks, now and for a while.
public enum Held {
  NO,
  FRESH,
  /// Past its lifetime, but within the window where it may be served while a newer one is fetched
  /// (RFC 5861, section 3).
  WHILE_REVALIDATING
}
