package dev.freshet.load;

import dev.freshet.load.Proof.Row;
import java.util.List;

/// What a [Proof] comes to, for who looks at it for ten seconds: its few most telling figures,
/// large, each with what it was bare and what was asked.
final class ProofTiles {
  static final String STYLE =
      """
      .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:.8rem;\
      margin:1.4rem 0}
      .tile{border:1px solid var(--line);border-radius:8px;padding:.7rem .9rem}
      .tile strong{display:block;font-size:1.5rem;line-height:1.3;font-weight:600;\
      font-variant-numeric:tabular-nums}
      .chip{display:inline-block;border-radius:1rem;padding:0 .55rem;font-size:.85em;\
      border:1px solid currentColor;white-space:nowrap}
      """;

  /// A row by its table and name, and what it is called by itself.
  private record Telling(String table, String row, String label) {}

  private static final List<Telling> TELLING =
      List.of(
          new Telling("Page load", "page load", "page load, first visit"),
          new Telling("Page load", "page load, repeated", "page load, repeated"),
          new Telling("API", "mean", "API mean"),
          new Telling("API", "p95", "API p95"),
          new Telling("Success", "users at once", "users at once"),
          new Telling("Success", "answered from the cache", "answered from the cache"));

  private ProofTiles() {}

  static String html(Proof proof) {
    StringBuilder out = new StringBuilder("<div class=\"tiles\">\n");
    for (Telling each : TELLING) {
      proof.tables().stream()
          .filter(table -> table.title().equals(each.table()))
          .flatMap(table -> table.rows().stream())
          .filter(row -> row.name().equals(each.row()) && row.through() != null)
          .forEach(row -> tile(out, each.label(), row));
    }
    return out.append("</div>\n").toString();
  }

  private static void tile(StringBuilder out, String label, Row row) {
    out.append("<div class=\"tile\"><span class=\"soft\">").append(label).append("</span><strong>");
    out.append(ProofPage.text(ProofText.large(row))).append("</strong><span class=\"soft\">");
    out.append(beside(row)).append("</span><br>").append(verdict(row));
    out.append(" <span class=\"soft\">").append(ProofPage.text(ProofText.target(row)));
    out.append("</span></div>\n");
  }

  private static String beside(Row row) {
    String bare = row.bare() == null ? "" : "bare " + ProofText.largeBare(row);
    Interval ratio = row.ratio();
    String better = ratio == null ? "" : ", x " + ProofText.shown(ratio.mean());
    return ProofPage.text(bare + better);
  }

  static String verdict(Row row) {
    Target.Verdict verdict = row.verdict();
    if (verdict == Target.Verdict.NONE) {
      return "";
    }
    String kind = verdict.isShort() ? "short" : "met";
    return "<span class=\"chip " + kind + "\">" + verdict.text() + "</span>";
  }
}
