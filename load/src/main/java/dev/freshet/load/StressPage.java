package dev.freshet.load;

import static dev.freshet.load.StressReport.s;

import dev.freshet.load.BreakingPoint.Tried;
import dev.freshet.load.Usl.Point;
import java.util.List;

/// A report as one page of HTML, its picture within.
public final class StressPage {
  private static final double WIDTH = 720;
  private static final double HEIGHT = 320;
  private static final double LEFT = 70;
  private static final double BOTTOM = 40;

  private StressPage() {}

  /// The page.
  public static String of(StressReport report) {
    StringBuilder out =
        new StringBuilder(
            """
            <!doctype html>
            <html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>Breaking point</title>
            <style>body{font:16px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em}
            table{border-collapse:collapse;font-variant-numeric:tabular-nums}
            td,th{padding:.2em .7em;text-align:right;border-bottom:1px solid #ddd}
            td:first-child,td:last-child,th:first-child,th:last-child{text-align:left}
            dt{font-weight:600}dd{margin:0 0 .5em}svg{max-width:100%;height:auto}
            text{font:12px system-ui,sans-serif;fill:#555}</style>
            """);
    out.append("<h1>Breaking point of ")
        .append(LoadPage.escaped(report.target()))
        .append("</h1>\n<dl>\n");
    report
        .lines()
        .forEach((name, said) ->
            out.append("<dt>")
                .append(LoadPage.escaped(name))
                .append("</dt><dd>")
                .append(LoadPage.escaped(said))
                .append("</dd>\n"));
    out.append("</dl>\n");
    Usl law = report.law();
    if (law != null) {
      out.append("<h2>Throughput by requests under way</h2>\n").append(picture(law));
    }
    out.append("<h2>Steps</h2>\n<table>\n<tr>");
    StressReport.HEADS.forEach(head -> out.append("<th>").append(head).append("</th>"));
    out.append("</tr>\n");
    for (Tried tried : report.found().tried()) {
      out.append("<tr>");
      List<String> row = StressReport.row(tried.stage(), tried.step(), tried.verdict());
      row.forEach(cell -> out.append("<td>").append(LoadPage.escaped(cell)).append("</td>"));
      out.append("</tr>\n");
    }
    return out.append("</table>\n</html>\n").toString();
  }

  /// Points as measured, the law's curve through them, dashed where it foretells.
  private static String picture(Usl law) {
    double most = law.measuredTo() * CapacityPlan.REACH;
    double top = law.points().stream().mapToDouble(Point::throughput).max().orElseThrow();
    for (int i = 1; i <= 200; i++) {
      top = Math.max(top, law.at(most * i / 200));
    }
    Scale scale = new Scale(most, top * 1.08);
    StringBuilder out = new StringBuilder();
    out.append(
        s(
            "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" "
                + "aria-label=\"Throughput by requests under way, measured and by the law\">\n",
            WIDTH, HEIGHT));
    for (int i = 0; i <= 4; i++) {
      double y = top * i / 4;
      double x = most * i / 4;
      out.append(
          s(
              "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>",
              LEFT, WIDTH, scale.y(y), scale.y(y)));
      out.append(
          s(
              "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%.4g/s</text>",
              LEFT - 6, scale.y(y) + 4, y));
      out.append(
          s(
              "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%.3g</text>\n",
              scale.x(x), HEIGHT - BOTTOM + 18, i == 4 ? "end" : "middle", x));
    }
    out.append(curve(law, scale, 0, law.measuredTo(), ""));
    out.append(curve(law, scale, law.measuredTo(), most, " stroke-dasharray=\"5 5\""));
    for (Point point : law.points()) {
      out.append(
          s(
              "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"#c33\">"
                  + "<title>%.3g under way: %.4g a second</title></circle>\n",
              scale.x(point.load()),
              scale.y(point.throughput()),
              point.load(),
              point.throughput()));
    }
    return out.append("</svg>\n").toString();
  }

  private static String curve(Usl law, Scale scale, double from, double to, String style) {
    StringBuilder points = new StringBuilder();
    for (int i = 0; i <= 100; i++) {
      double n = from + (to - from) * i / 100;
      points.append(s("%.1f,%.1f ", scale.x(n), scale.y(law.at(n))));
    }
    return "<polyline fill=\"none\" stroke=\"#269\" stroke-width=\"2\""
        + style
        + " points=\""
        + points.toString().strip()
        + "\"/>\n";
  }

  private record Scale(double most, double top) {
    double x(double load) {
      return LEFT + load / most * (WIDTH - LEFT - 10);
    }

    double y(double throughput) {
      return (HEIGHT - BOTTOM) * (1 - throughput / top);
    }
  }
}
