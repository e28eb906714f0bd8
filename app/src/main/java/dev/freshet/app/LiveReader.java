package dev.freshet.app;

import dev.freshet.live.LiveConfig;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads `live`.
final class LiveReader {
  private LiveReader() {}

  /// @return null where it is turned off
  static @Nullable LiveConfig read(Section root) {
    if (!root.isGroup("live")) {
      return root.flag("live", true) ? LiveConfig.defaults() : null;
    }
    Section section = root.section("live");
    LiveConfig d = LiveConfig.defaults();
    boolean isOn = section.flag("enabled", true);
    Set<String> origins = new HashSet<>(section.list("origins", LiveReader::origin));
    LiveConfig out =
        new LiveConfig(
            origins,
            section.number("max-clients", d.maxClients(), 1),
            section.number("max-per-address", d.maxPerAddress(), 1),
            section.number("max-urls", d.maxUrls(), 1),
            section.size("max-content", d.maxContent()),
            section.number("max-fetches", d.maxFetches(), 1),
            section.timeout("heartbeat", d.heartbeat()),
            root.flag("trust-forwarded", false));
    section.end();
    return isOn ? out : null;
  }

  private static String origin(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (!lower.matches("https?://[^/\\s]+")) {
      throw new IllegalArgumentException(
          "'" + text + "' is not an origin; write it like https://www.example.com");
    }
    return lower;
  }
}
