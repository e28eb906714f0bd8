package dev.freshet.assets;

import dev.freshet.base.Meters;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// What was made of contents, and why nothing was.
final class RefinedFigures {
  private final Meters meters;
  private final Map<String, Meters.Counter> made = new LinkedHashMap<>();
  private final Map<String, Meters.Counter> refused = new ConcurrentHashMap<>();
  private final Meters.Counter saved;

  RefinedFigures(Meters meters) {
    this.meters = meters;
    for (Refinement.Kind kind : Refinement.Kind.values()) {
      String name = kind.name().toLowerCase(Locale.ROOT);
      made.put(
          name,
          meters.counter(
              "freshet_assets_forms_total",
              "Better contents made of stored ones",
              Map.of("kind", name)));
    }
    saved =
        meters.counter(
            "freshet_assets_saved_bytes_total",
            "Octets that better contents have fewer than their originals, before any coding");
  }

  void made(Refinement.Kind kind, long fewer) {
    Meters.Counter counter = made.get(kind.name().toLowerCase(Locale.ROOT));
    if (counter != null) {
      counter.increment();
    }
    saved.add(fewer);
  }

  /// @param why in a word
  void refused(String why) {
    refused
        .computeIfAbsent(
            why,
            w ->
                meters.counter(
                    "freshet_assets_refused_total",
                    "Contents of which nothing better was made, by reason",
                    Map.of("why", w)))
        .increment();
  }

  /// For people.
  Map<String, Object> describe() {
    Map<String, Object> out = new LinkedHashMap<>();
    made.forEach((kind, count) -> out.put(kind, count.sum()));
    out.put("savedBytes", saved.sum());
    Map<String, Object> reasons = new LinkedHashMap<>();
    refused.forEach((why, count) -> reasons.put(why, count.sum()));
    out.put("refused", reasons);
    return out;
  }
}
