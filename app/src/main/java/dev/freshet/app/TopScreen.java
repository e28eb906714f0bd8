package dev.freshet.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Lays figures out in lines that fit a terminal.
///
/// @param width columns
/// @param height lines
record TopScreen(int width, int height) {

  /// @param before an earlier look, for rates; null when there is none
  List<String> lines(Look now, @Nullable Look before) {
    List<String> out = new ArrayList<>();
    out.add(head(now, before));
    out.add("");
    pool(now, out);
    // What is left is shared by routes and statements, of which there are more.
    int left = Math.max(4, height - out.size() - 6);
    routes(now, before, left / 3, out);
    statements(now, before, Math.max(1, height - out.size() - 3), out);
    return out.subList(0, Math.min(out.size(), height)).stream()
        .map(line -> cut(line, width))
        .toList();
  }

  static String cut(String line, int width) {
    return line.length() <= width ? line : line.substring(0, Math.max(0, width));
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private static String form(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }

  private static double seconds(Look now, Look before) {
    return Math.max(1e-3, (now.nanos() - before.nanos()) / 1e9);
  }

  private static String head(Look now, @Nullable Look before) {
    JsonNode status = now.status();
    long requests = sum(now.routes().path("routes"), "requests");
    long calls = now.statements().path("calls").asLong();
    String rates = "";
    if (before != null) {
      double seconds = seconds(now, before);
      rates =
          form(
              "; %,.0f requests/s, %,.0f statements/s",
              (requests - sum(before.routes().path("routes"), "requests")) / seconds,
              (calls - before.statements().path("calls").asLong()) / seconds);
    }
    return form(
        "Freshet %s, up %,d s: %,d connections, %,d requests, %,d statements%s",
        status.path("version").asText("?"),
        status.path("uptimeSeconds").asLong(),
        status.path("connections").asLong(),
        requests,
        calls,
        rates);
  }

  private static long sum(JsonNode lines, String name) {
    long sum = 0;
    for (JsonNode line : lines) {
      sum += line.path(name).asLong();
    }
    return sum;
  }

  private static void pool(Look now, List<String> out) {
    JsonNode pools = now.pool().path("pools");
    if (!pools.isArray() || pools.isEmpty()) {
      return;
    }
    out.add(
        form(
            "%-24s %6s %6s %6s %8s %9s %9s",
            "POOL", "active", "idle", "size", "waiting", "wait p50", "wait p99"));
    for (JsonNode pool : pools) {
      out.add(
          form(
              "%-24s %6d %6d %6d %8d %9.2f %9.2f",
              cut(pool.path("user").asText() + "@" + pool.path("database").asText(), 24),
              pool.path("active").asInt(),
              pool.path("idle").asInt(),
              pool.path("size").asInt(),
              pool.path("waiting").asInt(),
              pool.path("waitP50Millis").asDouble(),
              pool.path("waitP99Millis").asDouble()));
    }
    out.add("");
  }

  private static void routes(Look now, @Nullable Look before, int most, List<String> out) {
    List<JsonNode> lines = new ArrayList<>();
    now.routes().path("routes").forEach(lines::add);
    lines.sort(Comparator.comparingLong((JsonNode l) -> l.path("requests").asLong()).reversed());
    Map<String, JsonNode> earlier = by("route", before == null ? null : before.routes(), "routes");
    out.add(
        form("%10s %8s %6s %9s %9s  %s", "requests", "/s", "hit %", "p50 ms", "p99 ms", "ROUTE"));
    for (JsonNode line : lines.subList(0, Math.min(Math.max(1, most), lines.size()))) {
      String route = line.path("route").asText();
      out.add(
          form(
              "%10d %8s %6.1f %9.2f %9.2f  %s",
              line.path("requests").asLong(),
              rate(now, before, line, earlier.get(route), "requests"),
              100 * line.path("hitRatio").asDouble(),
              line.path("p50Millis").asDouble(),
              line.path("p99Millis").asDouble(),
              route));
    }
    out.add("");
  }

  private static void statements(Look now, @Nullable Look before, int most, List<String> out) {
    JsonNode lines = now.statements().path("statements");
    double total = Math.max(1e-9, now.statements().path("totalMillis").asDouble());
    Map<String, JsonNode> earlier =
        by("fingerprint", before == null ? null : before.statements(), "statements");
    out.add(
        form(
            "%10s %8s %6s %9s %9s %9s %6s %4s %-18s %s",
            "calls",
            "/s",
            "time %",
            "mean ms",
            "p99 ms",
            "rows/call",
            "errors",
            "N+1",
            "CACHEABLE",
            "STATEMENT"));
    int n = 0;
    for (JsonNode line : lines) {
      if (n++ >= most) {
        break;
      }
      String fingerprint = line.path("fingerprint").asText();
      long errors = 0;
      for (JsonNode count : line.path("errors")) {
        errors += count.asLong();
      }
      out.add(
          form(
              "%10d %8s %6.1f %9.2f %9.2f %9.1f %6d %4d %-18s %s",
              line.path("calls").asLong(),
              rate(now, before, line, earlier.get(fingerprint), "calls"),
              100 * line.path("totalMillis").asDouble() / total,
              line.path("meanMillis").asDouble(),
              line.path("p99Millis").asDouble(),
              (double) line.path("rows").asLong() / Math.max(1, line.path("calls").asLong()),
              errors,
              line.path("repeated").path("most").asInt(),
              cut(line.path("cacheable").asText(), 18),
              printable(line.path("text").asText())));
    }
  }

  /// A statement may hold anything, and a terminal obeys some of it.
  private static String printable(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints().map(c -> Character.isISOControl(c) ? ' ' : c).forEach(out::appendCodePoint);
    return out.toString();
  }

  private static Map<String, JsonNode> by(String key, @Nullable JsonNode look, String list) {
    Map<String, JsonNode> out = new HashMap<>();
    if (look != null) {
      look.path(list).forEach(line -> out.put(line.path(key).asText(), line));
    }
    return out;
  }

  private static String rate(
      Look now, @Nullable Look before, JsonNode line, @Nullable JsonNode earlier, String name) {
    if (before == null) {
      return "";
    }
    long was = earlier == null ? 0 : earlier.path(name).asLong();
    // One that was not shown before may have run long since.
    return earlier == null
        ? ""
        : form("%.0f", Math.max(0, line.path(name).asLong() - was) / seconds(now, before));
  }
}
