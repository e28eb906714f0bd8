package dev.freshet.app;

import dev.freshet.load.LoadResult;
import dev.freshet.load.Measured.Validity;
import dev.freshet.load.Scorecard;
import dev.freshet.load.Shot.Kind;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// The demo's owner reads what Freshet's report says of indexes, and makes them.
final class DemoIndexes {
  private final DemoShop shop;
  private final AdminApi admin;
  private final Consumer<String> progress;

  DemoIndexes(DemoShop shop, AdminApi admin, Consumer<String> progress) {
    this.shop = shop;
    this.admin = admin;
    this.progress = progress;
  }

  /// Makes all that the report names by now; says which.
  List<IndexAdvice> make() throws InterruptedException {
    List<IndexAdvice> advice = BottleneckReport.of(admin).indexes();
    progress.accept(
        advice.isEmpty()
            ? "Freshet's report names no index that the shop lacks."
            : "Making in the shop's database what Freshet's report says it lacks:");
    for (IndexAdvice each : advice) {
      shop.execute(each.sql());
      // Two lines, which a terminal has room for.
      progress.accept("  " + each.sql().replaceFirst(" ON ", "\n    ON "));
    }
    return advice;
  }

  /// What makes the two columns of the card different shops.
  static String note(List<IndexAdvice> made) {
    return "through Freshet: with "
        + (made.size() == 1 ? "the index" : "the " + made.size() + " indexes")
        + " that its report names: "
        + made.stream().map(IndexAdvice::name).collect(Collectors.joining(", "));
  }

  /// How far the bare shop comes with the same indexes, beside what the card has.
  static List<Scorecard.Row> rows(LoadResult bare, LoadResult through) {
    return List.of(
        new Scorecard.Row(
            "requests/s, both indexed",
            number(bare.total().perSecond()),
            number(through.total().perSecond()),
            "",
            ""),
        new Scorecard.Row("API mean ms, both indexed", apiMean(bare), apiMean(through), "", ""));
  }

  /// Why those times are doubtful, where they are.
  static List<String> warnings(LoadResult bare) {
    return bare.validity() == Validity.VALID
        ? List.of()
        : List.of("bare with the indexes: " + bare.validity().text());
  }

  private static String apiMean(LoadResult result) {
    var line = result.byKind().get(Kind.API);
    return line == null || line.count() == 0 ? "not measured" : number(line.mean());
  }

  private static String number(double value) {
    return String.format(
        Locale.ROOT, "%,." + (value >= 100 ? 0 : value >= 10 ? 1 : 2) + "f", value);
  }
}
