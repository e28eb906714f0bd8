package dev.freshet.load;

import dev.freshet.load.Proof.Index;
import dev.freshet.load.Proof.Reason;
import dev.freshet.load.Proof.Row;
import dev.freshet.load.Proof.Stack;
import dev.freshet.load.Proof.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A [Proof] for terminals and as Markdown.
public final class ProofText {
  /// An interval that reaches so many times further up or down than its middle.
  private static final double ANYTHING = 100;

  /// What the brackets mean.
  static final String DOUBTFUL =
      "In brackets: the load generator was late, so it was this machine that was measured.";

  static final String INDEXES = "Indexes that the database lacks, as a script";

  private static final int NAME = 26;

  private ProofText() {}

  /// Aligned columns.
  public static String plain(Proof proof) {
    StringBuilder out = new StringBuilder();
    out.append(proof.title()).append("\n\n").append(proof.work()).append("\n\n");
    out.append(proof.summary()).append("\n\n");
    String form = "  %-" + NAME + "s %18s %18s %16s   %-16s %s";
    for (Table table : proof.tables()) {
      // What would push the heads aside has a line of its own.
      boolean isLong = table.title().length() > NAME;
      out.append(isLong ? "  " + table.title() + "\n" : "");
      String title = isLong ? "" : table.title();
      line(
          out,
          String.format(Locale.ROOT, form, title, "bare", "Freshet", "better by", "target", ""));
      for (Row row : table.rows()) {
        line(
            out,
            String.format(
                Locale.ROOT,
                form,
                row.name(),
                bare(row),
                through(row),
                ratio(row.ratio()),
                target(row),
                row.verdict().text()));
      }
      out.append('\n');
    }
    if (proof.hasDoubtful()) {
      line(out, DOUBTFUL + "\n");
    }
    line(out, "Where the time goes that is still spent, the largest gain first");
    if (proof.reasons().isEmpty()) {
      line(out, "  not measured");
    }
    int number = 0;
    for (Reason reason : proof.reasons()) {
      line(out, "  " + ++number + ". " + reason.says());
      line(out, "     " + worth(reason));
      line(out, "     -> " + reason.remedy());
      if (reason.statement() != null) {
        line(out, "     " + reason.statement());
      }
      reason.plan().forEach(each -> line(out, "     PostgreSQL " + each));
    }
    out.append('\n');
    if (!proof.indexes().isEmpty()) {
      line(out, INDEXES);
      script(proof.indexes()).forEach(each -> line(out, "  " + each));
      out.append('\n');
    }
    proof.stacks().forEach(stack -> line(out, "  " + shares(stack)));
    out.append('\n');
    proof.notes().forEach(note -> line(out, "note: " + note));
    line(out, proof.method());
    return out.toString();
  }

  private static void line(StringBuilder out, String text) {
    out.append(text.stripTrailing()).append('\n');
  }

  /// For a pull request, or a wiki.
  public static String markdown(Proof proof) {
    StringBuilder out = new StringBuilder();
    out.append("# ").append(proof.title()).append("\n\n").append(proof.work());
    out.append("\n\n**").append(proof.summary()).append("**\n");
    for (Table table : proof.tables()) {
      out.append("\n## ").append(table.title());
      out.append("\n\n| | bare | through Freshet | better by | target | |\n");
      out.append("|---|---:|---:|---:|---|---|\n");
      for (Row row : table.rows()) {
        List<String> cells =
            List.of(
                row.name(),
                bare(row),
                through(row),
                ratio(row.ratio()),
                target(row),
                row.verdict().text());
        out.append("| ").append(String.join(" | ", cells)).append(" |\n");
      }
    }
    if (proof.hasDoubtful()) {
      out.append('\n').append(DOUBTFUL).append('\n');
    }
    out.append("\n## Where the time goes that is still spent\n\n");
    if (proof.reasons().isEmpty()) {
      out.append("Not measured.\n");
    }
    for (Reason reason : proof.reasons()) {
      out.append("1. ").append(escaped(reason.says())).append(" (").append(worth(reason));
      out.append(")  \n   ").append(escaped(reason.remedy())).append('\n');
      if (reason.statement() != null) {
        out.append("\n   ```sql\n   ").append(oneLine(reason.statement())).append("\n   ```\n");
      }
      for (String each : reason.plan()) {
        out.append("   PostgreSQL ").append(escaped(each)).append('\n');
      }
    }
    if (!proof.stacks().isEmpty()) {
      out.append('\n');
    }
    proof.stacks().forEach(each -> out.append("- ").append(escaped(shares(each))).append('\n'));
    if (!proof.indexes().isEmpty()) {
      out.append("\n## ").append(INDEXES).append("\n\n```sql\n");
      script(proof.indexes()).forEach(each -> line(out, each));
      out.append("```\n");
    }
    out.append("\n## How it was measured\n\n").append(proof.method()).append('\n');
    proof.notes().forEach(note -> out.append("- ").append(escaped(note)).append('\n'));
    return out.toString();
  }

  /// What `psql` takes as it is. Every index costs the writes to its table something, so each says
  /// what for it would be.
  static List<String> script(List<Index> indexes) {
    List<String> out = new ArrayList<>();
    for (Index index : indexes) {
      out.add(
          oneLine(
              String.format(
                  Locale.ROOT,
                  "-- %s, %,d rows: for statements that took %,.0f ms in all",
                  index.name(),
                  index.rows(),
                  index.millis())));
      index.statements().forEach(each -> out.add("--   " + oneLine(each)));
      out.add(index.sql() + ";");
    }
    return out;
  }

  /// `GET /product/*, 31.0 ms: statements 52 %, app 40 %`, the largest first, what is under a
  /// hundredth left out.
  private static String shares(Stack stack) {
    String parts =
        stack.shares().entrySet().stream()
            .filter(part -> part.getValue() >= 0.01)
            .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
            .map(part ->
                String.format(Locale.ROOT, "%s %.0f %%", part.getKey(), 100 * part.getValue()))
            .collect(Collectors.joining(", "));
    return stack.route() + ", " + shown(stack.meanMillis()) + " ms: " + parts;
  }

  static String worth(Reason reason) {
    return String.format(
        Locale.ROOT,
        "%.1f %% of all time of requests that reach the app, %s ms for each of the %,d there",
        100 * reason.shareOfAll(),
        shown(reason.millisPerTrip()),
        reason.trips());
  }

  private static String escaped(String text) {
    return oneLine(text).replace("*", "\\*").replace("|", "\\|").replace("<", "&lt;");
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\s*\\R\\s*", " ");
  }

  static String target(Row row) {
    Target target = row.target();
    return target == null ? "" : target.text();
  }

  static String bare(Row row) {
    return believed(row.bare(), row.unit(), row.believed().bare());
  }

  static String through(Row row) {
    return believed(row.through(), row.unit(), row.believed().through());
  }

  /// The mean alone: `12.3 ms`.
  static String large(Row row) {
    return large(row.through(), row.unit(), row.believed().through());
  }

  /// The same of the bare site.
  static String largeBare(Row row) {
    return large(row.bare(), row.unit(), row.believed().bare());
  }

  private static String large(@Nullable Interval figure, String unit, boolean isBelieved) {
    if (figure == null) {
      return "-";
    }
    boolean isCount = unit.isEmpty() && isWhole(figure.mean());
    String text = shown(figure.mean(), isCount ? 0 : decimals(figure.mean())) + unit;
    return isBelieved ? text : "(" + text + ")";
  }

  private static String believed(@Nullable Interval figure, String unit, boolean isBelieved) {
    String text = shown(figure, unit);
    return figure == null || isBelieved ? text : "(" + text + ")";
  }

  /// A mean and half of its interval: `12.3 ± 0.4 ms`, and `3 ± 0` of what is counted.
  static String shown(@Nullable Interval figure, String unit) {
    if (figure == null) {
      return "-";
    }
    boolean isCount = unit.isEmpty() && isWhole(figure.mean()) && isWhole(figure.half());
    int decimals = isCount ? 0 : decimals(figure.mean());
    String spread = figure.rounds() < 2 ? "" : " ± " + shown(figure.half(), decimals);
    return shown(figure.mean(), decimals) + spread + unit;
  }

  private static boolean isWhole(double value) {
    return value == Math.rint(value);
  }

  /// How many times better, and within what: two rounds that differ tell no more than that it may
  /// be anything.
  static String ratio(@Nullable Interval ratio) {
    if (ratio == null) {
      return "";
    }
    String range = " (" + shown(ratio.low()) + "-" + shown(ratio.high()) + ")";
    boolean isAnything =
        ratio.low() < ratio.mean() / ANYTHING || ratio.high() > ratio.mean() * ANYTHING;
    String within = ratio.rounds() < 2 ? "" : isAnything ? " (may be anything)" : range;
    return "x " + shown(ratio.mean()) + within;
  }

  static String shown(double value) {
    return shown(value, decimals(value));
  }

  private static int decimals(double value) {
    return value >= 100 ? 0 : value >= 10 ? 1 : 2;
  }

  private static String shown(double value, int decimals) {
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }
}
