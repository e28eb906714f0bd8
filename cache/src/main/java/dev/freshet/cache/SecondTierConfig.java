package dev.freshet.cache;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The shared tier.
///
/// @param url `redis://[[user]:password@]host[:port][/database]`, or `rediss://` for TLS
/// @param budget longest that a lookup may wait for it
/// @param maxPending writes that may wait to be sent; more are dropped and counted
/// @param authorities PEM file of the certificates that a `rediss` server may be signed with, null
///   for those that Java knows
public record SecondTierConfig(
    String url, Duration budget, int maxPending, @Nullable Path authorities) {

  /// Ten milliseconds: a local Redis answers in well under one.
  public static SecondTierConfig defaults(String url) {
    return new SecondTierConfig(url, Duration.ofMillis(10), 10_000, null);
  }

  /// With the password, if there is one, left out.
  @Override
  public String toString() {
    return url.replaceFirst("//[^@]*@", "//");
  }
}
