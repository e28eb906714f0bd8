package dev.freshet.load;

import dev.freshet.load.Measured.Live;
import dev.freshet.load.Measured.Second;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// Figures of channels, as reports show them.
final class ChannelTable {
  private static final Live NONE = new Live(0, 0, 0);

  private ChannelTable() {}

  /// Lines for a terminal, under the columns of requests; nothing where there was no channel.
  static void text(Measured measured, StringBuilder out) {
    ChannelFigures all = measured.total().channels();
    if (all.count() == 0) {
      return;
    }
    line(
        out,
        "  channels: %,d opened, %,d open before; %,d messages received (%,.1f/s), %,d sent",
        all.connect().getTotalCount(),
        all.carriedOver(),
        all.received(),
        perSecond(measured, all),
        all.sent());
    measured
        .steps()
        .forEach((step, figures) -> {
          figures
              .channels()
              .byName()
              .forEach((name, h) -> out.append(TimesTable.row(step + ": " + name, h)).append('\n'));
          if (figures.channels().ahead() > 0) {
            line(
                out,
                "    %,d messages came before the time that they tell (0 in the delay)",
                figures.channels().ahead());
          }
        });
  }

  private static double perSecond(Measured measured, ChannelFigures figures) {
    return measured.seconds() <= 0 ? 0 : figures.received() / measured.seconds();
  }

  /// A table of HTML; nothing where there was no channel.
  static void page(Measured measured, StringBuilder out) {
    ChannelFigures all = measured.total().channels();
    if (all.count() == 0) {
      return;
    }
    out.append("<table><tr><th>channels, ms<th>times<th>mean<th>p50<th>p95<th>p99<th>max</tr>");
    measured
        .steps()
        .forEach((step, figures) ->
            figures
                .channels()
                .byName()
                .forEach((name, h) -> {
                  out.append("<tr><td>").append(LoadPage.escaped(step + ": " + name));
                  out.append(form("<td>%,d<td>%.1f", h.getTotalCount(), h.getMean() / 1e6));
                  for (int percentile : List.of(50, 95, 99)) {
                    out.append(form("<td>%.1f", h.getValueAtPercentile(percentile) / 1e6));
                  }
                  out.append(form("<td>%.1f</tr>", h.getMaxValue() / 1e6));
                }));
    out.append("</table><p class=soft>");
    out.append(form("%,d messages received (%,.1f/s)", all.received(), perSecond(measured, all)));
    out.append(form(", %,d sent", all.sent()));
    out.append(form(" on %,d channels", all.count()));
    if (all.ahead() > 0) {
      out.append(form("; %,d came before the time that they tell", all.ahead()));
    }
    out.append("</p>");
  }

  /// Channels, messages and their delay over time; nothing where there was no channel.
  static void pictures(List<Second> over, StringBuilder out) {
    if (over.stream().noneMatch(second -> second.live() != null)) {
      return;
    }
    picture(over, "channels open", Live::open, out);
    picture(over, "messages a second", Live::messages, out);
    if (over.stream().anyMatch(second -> live(second).delayP95() > 0)) {
      picture(over, "delay of messages, p95, milliseconds", Live::delayP95, out);
    }
  }

  private static Live live(Second second) {
    Live live = second.live();
    return live == null ? NONE : live;
  }

  private static void picture(
      List<Second> over, String name, ToDoubleFunction<Live> figure, StringBuilder out) {
    out.append("<p class=\"soft key\">").append(name).append(" over time</p>");
    LoadPage.picture(over, List.of(second -> figure.applyAsDouble(live(second))), out);
  }

  /// For a machine.
  static Map<String, Object> data(ChannelFigures figures) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("opened", figures.connect().getTotalCount());
    out.put("openBefore", figures.carriedOver());
    out.put("received", figures.received());
    out.put("sent", figures.sent());
    out.put("ahead", figures.ahead());
    figures.byName().forEach((name, h) -> out.put(member(name), LoadReport.millis(h)));
    return out;
  }

  private static String member(String name) {
    return switch (name) {
      case ChannelFigures.FIRST_MESSAGE -> "firstMessage";
      case ChannelFigures.ROUND_TRIP -> "roundTrip";
      default -> name;
    };
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private static void line(StringBuilder out, String form, Object... values) {
    out.append(String.format(Locale.ROOT, form, values)).append('\n');
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private static String form(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }
}
