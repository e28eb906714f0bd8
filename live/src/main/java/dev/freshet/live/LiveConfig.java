package dev.freshet.live;

import dev.freshet.base.ByteSize;
import java.time.Duration;
import java.util.Set;

/// What subscribers may demand.
///
/// @param origins that may open a channel beside the site's own, as `https://www.example.com`
/// @param maxClients connected at once
/// @param maxPerAddress of these from one address
/// @param maxUrls that one client may subscribe to
/// @param maxContent larger answers are not followed
/// @param maxFetches under way at once, so that the app is not flooded when much changes
/// @param heartbeat after so long without anything else to say
/// @param trustForwarded whether what is in front may say where clients come from
public record LiveConfig(
    Set<String> origins,
    int maxClients,
    int maxPerAddress,
    int maxUrls,
    ByteSize maxContent,
    int maxFetches,
    Duration heartbeat,
    boolean trustForwarded) {

  public LiveConfig {
    origins = Set.copyOf(origins);
  }

  /// As wide as a public site needs.
  public static LiveConfig defaults() {
    return new LiveConfig(
        Set.of(),
        20_000,
        // An office behind one address; a browser opens one channel a page.
        1_000,
        100,
        new ByteSize(1L << 20),
        32,
        // Below the 30 s after which many proxies drop what is silent.
        Duration.ofSeconds(25),
        false);
  }
}
