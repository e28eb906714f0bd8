package dev.freshet.app;

import dev.freshet.edge.Polish.Level;
import java.util.Map;

/// How far pages may be made better: everywhere, and on the routes that say otherwise.
///
/// @param routes by the pattern of a route's rule
public record OptimizeConfig(Level everywhere, Map<String, Level> routes) {
  public OptimizeConfig {
    routes = Map.copyOf(routes);
  }

  Level on(String match) {
    return routes.isEmpty() ? everywhere : routes.getOrDefault(match, everywhere);
  }

  /// Whether any page is to be made better at all.
  boolean isUsed() {
    return everywhere != Level.OFF
        || routes.values().stream().anyMatch(level -> level != Level.OFF);
  }

  /// Reads `optimize` of the file or of a route.
  static Level read(Section of, Level otherwise) {
    return of.read(
        "optimize",
        otherwise,
        value ->
            switch (value) {
              case "on", "true", "yes" -> Level.SAFE;
              case "false", "no" -> Level.OFF;
              default -> SettingsReader.choice(value, Level.class);
            });
  }
}
