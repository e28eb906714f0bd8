package dev.freshet.app;

import dev.freshet.changes.ChangesConfig;
import dev.freshet.gateway.DatabaseUrl;
import dev.freshet.gateway.GatewayConfig;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Reads `changes`.
final class ChangesReader {
  private ChangesReader() {}

  /// @param gateway whose database is followed, or null
  /// @return null where none is followed, or something in it is wrong
  static @Nullable ChangesConfig read(Section root, @Nullable GatewayConfig gateway) {
    Section section = root.section("changes");
    boolean isEnabled = section.flag("enabled", true);
    Duration maxLag = section.duration("max-lag", ChangesConfig.MAX_LAG);
    String publication = section.text("publication", ChangesConfig.PUBLICATION);
    String slot = section.text("slot", ChangesConfig.SLOT_PREFIX);
    section.end();
    if (gateway == null || !isEnabled) {
      return null;
    }
    ChangesConfig plain = plain(gateway.database());
    try {
      return new ChangesConfig(
          plain.servers(),
          plain.database(),
          plain.user(),
          plain.password(),
          plain.sslMode(),
          publication,
          slot,
          maxLag);
    } catch (IllegalArgumentException e) {
      root.wrong("changes", String.valueOf(e.getMessage()), "correct it, or leave it out");
      return null;
    }
  }

  /// Everything else as it is by itself.
  static ChangesConfig plain(DatabaseUrl url) {
    return ChangesConfig.of(
        url.servers(),
        url.database(),
        url.user(),
        url.password(),
        url.sslMode().name().toLowerCase(Locale.ROOT).replace('_', '-'));
  }
}
