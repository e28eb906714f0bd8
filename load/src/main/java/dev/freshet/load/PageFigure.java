package dev.freshet.load;

import dev.freshet.load.Scorecard.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One figure of page loads in a browser, bare and through Freshet, beside the roadmap's target.
///
/// @param unit behind the number
/// @param bare of each load, or of each round
/// @param through as many
/// @param target null where nothing is asked
public record PageFigure(
    String name, String unit, List<Double> bare, List<Double> through, @Nullable Target target) {

  /// What figure of a page load it is.
  public enum Kind {
    FIRST_PAINT("first paint", " ms", Double.NaN, Double.NaN),
    FIRST_CONTENTFUL("first contentful paint", " ms", Double.NaN, Double.NaN),
    LARGEST("largest contentful paint", " ms", Double.NaN, Double.NaN),
    INTERACTIVE("time to interactive", " ms", Double.NaN, Double.NaN),
    BLOCKING("total blocking time", " ms", Double.NaN, Double.NaN),
    LOADED("page load", " ms", 1_000, 200),
    OCTETS("page kB", " kB", 2_000, Double.NaN),
    REQUESTS("page requests", "", Double.NaN, Double.NaN),
    LOADED_AGAIN("page load, repeated", " ms", 200, Double.NaN),
    OCTETS_AGAIN("page kB, repeated", " kB", Double.NaN, Double.NaN),
    REQUESTS_AGAIN("page requests, repeated", "", Double.NaN, Double.NaN);

    private final String text;
    private final String unit;
    private final double limit;
    private final double stretch;

    Kind(String text, String unit, double limit, double stretch) {
      this.text = text;
      this.unit = unit;
      this.limit = limit;
      this.stretch = stretch;
    }

    /// The figure, measured.
    public PageFigure of(List<Double> bare, List<Double> through) {
      Target target = Double.isNaN(limit) ? null : Target.atMost(limit, stretch, unit);
      return new PageFigure(text, unit, List.copyOf(bare), List.copyOf(through), target);
    }
  }

  /// What would have been measured.
  public static List<PageFigure> nothing() {
    List<PageFigure> out = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      PageFigure figure = kind.of(List.of(), List.of());
      if (figure.target() != null) {
        out.add(figure);
      }
    }
    return out;
  }

  /// For a scorecard: medians, and between which quarters the middle half of all loads was.
  public Row row() {
    Target asked = target;
    if (asked == null) {
      return new Row(label(), shown(bare), shown(through), "", "");
    }
    boolean isMet = !through.isEmpty() && quantile(through, 0.5) <= asked.limit();
    String verdict = isMet ? "met" : "missed";
    // A scorecard's column holds the unit in the name.
    String text = asked.text().replace(unit, "");
    return new Row(label(), shown(bare), shown(through), text, verdict);
  }

  /// `page load ms`; a name that says so already stays as it is.
  private String label() {
    boolean isSaid = unit.isEmpty() || name.contains(unit.strip());
    return isSaid ? name : name + unit;
  }

  private static String shown(List<Double> figures) {
    if (figures.isEmpty()) {
      return "not measured";
    }
    double low = quantile(figures, 0.25);
    double high = quantile(figures, 0.75);
    String median = number(quantile(figures, 0.5));
    String spread = number(low) + "-" + number(high);
    return spread.equals(median + "-" + median) ? median : median + " (" + spread + ")";
  }

  private static double quantile(List<Double> figures, double q) {
    List<Double> sorted = figures.stream().sorted().toList();
    double at = q * (sorted.size() - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.size() - 1);
    return sorted.get(below) + (at - below) * (sorted.get(above) - sorted.get(below));
  }

  private static String number(double value) {
    boolean isWhole = value >= 10 || value == Math.rint(value);
    return String.format(Locale.ROOT, isWhole ? "%,.0f" : "%.1f", value);
  }
}
