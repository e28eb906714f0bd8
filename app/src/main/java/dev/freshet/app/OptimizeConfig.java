package dev.freshet.app;

import dev.freshet.edge.Polish.Level;
import java.util.LinkedHashMap;
import java.util.List;
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

  /// Reads `optimize`, at the top and in each of the routes.
  static OptimizeConfig read(Section root, List<Section> routes) {
    Level everywhere = level(root, Level.SAFE);
    Map<String, Level> levels = new LinkedHashMap<>();
    for (Section route : routes) {
      levels.putIfAbsent(route.text("match", ""), level(route, everywhere));
    }
    return new OptimizeConfig(everywhere, levels);
  }

  private static Level level(Section of, Level otherwise) {
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
