package dev.freshet.cache;

import java.time.Duration;

/// The shared tier.
///
/// @param url `redis://[:password@]host[:port][/database]`, or `rediss://` for TLS
/// @param budget longest that a lookup may wait for it
/// @param maxPending writes that may wait to be sent; more are dropped and counted
public record SecondTierConfig(String url, Duration budget, int maxPending) {

  /// Ten milliseconds: a local Redis answers in well under one.
  public static SecondTierConfig defaults(String url) {
    return new SecondTierConfig(url, Duration.ofMillis(10), 10_000);
  }
}
