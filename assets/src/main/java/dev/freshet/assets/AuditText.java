package dev.freshet.assets;

import java.util.stream.Collectors;

/// An audit's findings for a terminal.
final class AuditText {
  private static final int MAX_KINDS = 3;

  private AuditText() {}

  static String of(SiteAudit.Report report) {
    StringBuilder out = new StringBuilder();
    if (!report.hasBrowser()) {
      out.append("note   no browser: nothing was seen of what is used, shown or painted\n");
    }
    AuditSums sums = AuditSums.of(report);
    for (AuditSums.Pair pair : sums.pairs()) {
      out.append("page   ").append(AuditSums.place(pair.before())).append('\n');
      out.append("         ").append(line(pair.before())).append('\n');
      PageSight after = pair.after();
      if (after != null) {
        out.append("         through Freshet ").append(line(after)).append(" (");
        out.append(AuditSums.change(pair.before().wire(), after.wire())).append(")\n");
      }
    }
    for (Advice advice : report.advice()) {
      String gain = advice.gain() == 0 ? "" : Sizes.kilobytes(advice.gain()) + ": ";
      String by = advice.by() == Advice.By.FRESHET ? " (Freshet)" : " (the team)";
      out.append("do     ").append(gain).append(advice.what()).append(by).append('\n');
      out.append("         ").append(advice.how()).append('\n');
      advice.where().forEach(where -> out.append("         - ").append(sums.within(where)).append('\n'));
    }
    if (!sums.pairs().isEmpty()) {
      out.append("sum    ").append(sums.sentence()).append('\n');
    }
    return out.toString();
  }

  private static String line(PageSight page) {
    String kinds =
        page.wireByKind().entrySet().stream()
            .limit(MAX_KINDS)
            .map(one -> one.getKey() + " " + Sizes.kilobytes(one.getValue()))
            .collect(Collectors.joining(", "));
    String paint =
        page.paint().first() == 0
            ? ""
            : "; first paint %d ms, largest %d ms"
                .formatted(page.paint().first(), page.paint().largest());
    return "%s in %s (%s)%s"
        .formatted(
            Sizes.kilobytes(page.wire()),
            AuditSums.counted(page.loaded().size()),
            kinds,
            paint);
  }
}
