package dev.freshet.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// A load beside an earlier one, phase by phase.
public final class Comparison {
  private static final String DOUBTFUL =
      "Times of a run that is invalid are the generator's: they compare nothing.";

  private final JsonNode earlier;

  /// @param earlier what [LoadReport#data] of it was as JSON
  public Comparison(JsonNode earlier) {
    this.earlier = earlier;
  }

  private record Row(String name, double then, double now) {
    String change() {
      return then == 0 ? "" : form("%+.1f %%", 100 * (now / then - 1));
    }
  }

  private @Nullable JsonNode before(int phase) {
    JsonNode before = earlier.path("phases").path(phase);
    return before.isObject() ? before : null;
  }

  private static List<Row> rows(Measured measured, JsonNode before) {
    Histogram felt = measured.total().intended();
    JsonNode total = before.path("total");
    List<Row> out = new ArrayList<>();
    out.add(new Row("answers/s", before.path("perSecond").asDouble(), measured.perSecond()));
    for (int percentile : List.of(50, 95, 99)) {
      double then = total.path("felt").path("p" + percentile).asDouble();
      double now = felt.getValueAtPercentile(percentile) / 1e6;
      out.add(new Row("p" + percentile + " ms", then, now));
    }
    double requests = total.path("requests").asDouble();
    double failed = requests == 0 ? 0 : 100 * total.path("failures").asDouble() / requests;
    out.add(new Row("failed %", failed, 100 * measured.total().errorRatio()));
    return out;
  }

  private static boolean isDoubtful(Measured measured, JsonNode before) {
    String valid = Measured.Validity.VALID.text();
    return measured.validity() != Measured.Validity.VALID
        || !before.path("validity").asText(valid).equals(valid);
  }

  /// A table for a terminal.
  public String text(List<Measured> phases) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < phases.size(); i++) {
      JsonNode before = before(i);
      if (before == null) {
        continue;
      }
      Measured measured = phases.get(i);
      String name = LoadReport.printable(measured.phase().name());
      out.append(form("%nBeside the earlier run, %s%n", name));
      out.append(form("  %-12s%14s%14s%12s%n", "", "then", "now", "change"));
      for (Row row : rows(measured, before)) {
        out.append(
            form("  %-12s%,14.2f%,14.2f%12s", row.name(), row.then(), row.now(), row.change())
                .stripTrailing());
        out.append('\n');
      }
      out.append(isDoubtful(measured, before) ? "  " + DOUBTFUL + "\n" : "");
    }
    return out.toString();
  }

  /// A table of HTML; nothing where the earlier run had no such phase.
  String table(Measured measured, int phase) {
    JsonNode before = before(phase);
    if (before == null) {
      return "";
    }
    StringBuilder out = new StringBuilder("<table><tr><th>beside the earlier run");
    out.append("<th>then<th>now<th>change</tr>");
    for (Row row : rows(measured, before)) {
      out.append(form("<tr><td>%s<td>%,.2f", row.name(), row.then()));
      out.append(form("<td>%,.2f<td>%s</tr>", row.now(), row.change()));
    }
    out.append("</table>");
    out.append(isDoubtful(measured, before) ? "<p class=bad>" + DOUBTFUL + "</p>" : "");
    return out.toString();
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private static String form(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }
}
