package dev.freshet.console;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads Prometheus' text format 0.0.4, and refuses all that a scraper may refuse.
final class PrometheusText {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
  private static final Pattern LABEL = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?");
  private static final Set<String> TYPES = Set.of("counter", "gauge", "histogram");
  private final Map<String, Family> families = new LinkedHashMap<>();
  private @Nullable Family open;

  private PrometheusText() {}

  /// One line with a figure.
  record Sample(String name, Map<String, String> labels, double value) {}

  /// All lines of one name.
  record Family(String name, String help, String type, List<Sample> samples) {}

  /// By name, in the order of the text.
  static Map<String, Family> parse(String text) {
    PrometheusText reader = new PrometheusText();
    demand(text.isEmpty() || text.endsWith("\n"), "the last line has no end", "");
    String help = "";
    String helped = "";
    for (String line : text.split("\n", -1)) {
      if (line.startsWith("# HELP ")) {
        int space = line.indexOf(' ', 7);
        demand(space > 0, "HELP without a text", line);
        helped = line.substring(7, space);
        help = unescape(line.substring(space + 1), false);
      } else if (line.startsWith("# TYPE ")) {
        String[] words = line.substring(7).split(" ", -1);
        demand(words.length == 2 && words[0].equals(helped), "TYPE does not follow HELP", line);
        reader.begin(new Family(words[0], help, words[1], new ArrayList<>()));
      } else if (!line.isEmpty()) {
        reader.sample(line);
      }
    }
    reader.families.values().forEach(PrometheusText::check);
    return reader.families;
  }

  private static void demand(boolean holds, String what, String line) {
    if (!holds) {
      throw new AssertionError(what + ": " + line);
    }
  }

  private void begin(Family family) {
    demand(NAME.matcher(family.name).matches(), "not a name", family.name);
    demand(TYPES.contains(family.type), "not a type", family.type);
    demand(families.put(family.name, family) == null, "a name comes twice", family.name);
    open = family;
  }

  private void sample(String line) {
    int end = 0;
    while (end < line.length() && "{ ".indexOf(line.charAt(end)) < 0) {
      end++;
    }
    String name = line.substring(0, end);
    Map<String, String> labels = new TreeMap<>();
    if (end < line.length() && line.charAt(end) == '{') {
      end = labels(line, end + 1, labels);
    }
    demand(end < line.length() && line.charAt(end) == ' ', "no value", line);
    Family family = open;
    demand(family != null && belongs(family, name), "a figure under another's TYPE", line);
    if (family != null) {
      family.samples.add(new Sample(name, labels, number(line.substring(end + 1))));
    }
  }

  private static boolean belongs(Family family, String name) {
    if (!family.type.equals("histogram")) {
      return name.equals(family.name);
    }
    return List.of("_bucket", "_sum", "_count").stream()
        .anyMatch(suffix -> name.equals(family.name + suffix));
  }

  /// Index behind the closing brace.
  private static int labels(String line, int from, Map<String, String> out) {
    int at = from;
    while (true) {
      int equals = line.indexOf("=\"", at);
      demand(equals > 0, "a label without a value", line);
      String label = line.substring(at, equals);
      demand(LABEL.matcher(label).matches(), "not a label", line);
      int end = equals + 2;
      while (end < line.length() && line.charAt(end) != '"') {
        end += line.charAt(end) == '\\' ? 2 : 1;
      }
      demand(end + 1 < line.length(), "a label's value does not end", line);
      String value = unescape(line.substring(equals + 2, end), true);
      demand(out.put(label, value) == null, "a label comes twice", line);
      if (line.charAt(end + 1) == '}') {
        return end + 2;
      }
      demand(line.charAt(end + 1) == ',', "no comma between labels", line);
      at = end + 2;
    }
  }

  private static String unescape(String text, boolean isQuoted) {
    StringBuilder out = new StringBuilder();
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (c != '\\') {
        out.append(c);
        i++;
        continue;
      }
      char escaped = i + 1 < text.length() ? text.charAt(i + 1) : ' ';
      boolean isKnown = escaped == '\\' || escaped == 'n' || (isQuoted && escaped == '"');
      demand(isKnown, "a backslash before something else", text);
      out.append(escaped == 'n' ? '\n' : escaped);
      i += 2;
    }
    return out.toString();
  }

  private static double number(String text) {
    return switch (text) {
      case "NaN" -> Double.NaN;
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> {
        Matcher matcher = NUMBER.matcher(text);
        demand(matcher.matches(), "not a number", text);
        yield Double.parseDouble(text);
      }
    };
  }

  private static void check(Family family) {
    Set<List<Object>> seen = new LinkedHashSet<>();
    for (Sample sample : family.samples) {
      demand(
          seen.add(List.of(sample.name, sample.labels)), "a figure comes twice", sample.toString());
      boolean isBucket =
          family.type.equals("histogram") && sample.name.equals(family.name + "_bucket");
      demand(isBucket == sample.labels.containsKey("le"), "le elsewhere", sample.toString());
      boolean mayFall = family.type.equals("gauge");
      demand(mayFall || sample.value >= 0, "a count below nothing", sample.toString());
    }
    demand(!family.samples.isEmpty(), "a TYPE without figures", family.name);
    if (family.type.equals("histogram")) {
      histograms(family).forEach((labels, samples) -> histogram(family.name, samples));
    }
  }

  private static Map<Map<String, String>, List<Sample>> histograms(Family family) {
    Map<Map<String, String>, List<Sample>> out = new LinkedHashMap<>();
    for (Sample sample : family.samples) {
      Map<String, String> labels = new TreeMap<>(sample.labels);
      labels.remove("le");
      out.computeIfAbsent(labels, l -> new ArrayList<>()).add(sample);
    }
    return out;
  }

  /// Buckets in ascending order and cumulative, `+Inf` last and equal to the count, one sum.
  private static void histogram(String name, List<Sample> samples) {
    double bound = Double.NEGATIVE_INFINITY;
    double count = 0;
    List<String> rest = new ArrayList<>();
    for (Sample sample : samples) {
      String le = sample.labels.get("le");
      if (le == null) {
        rest.add(sample.name);
        boolean isCount = sample.name.equals(name + "_count");
        demand(!isCount || sample.value == count, "not the last bucket's", sample.toString());
        continue;
      }
      double next = number(le);
      demand(rest.isEmpty() && next > bound, "buckets out of order", sample.toString());
      demand(sample.value >= count, "buckets don't add up", sample.toString());
      bound = next;
      count = sample.value;
    }
    demand(bound == Double.POSITIVE_INFINITY, "no bucket for +Inf", name);
    demand(rest.equals(List.of(name + "_sum", name + "_count")), "no sum or count", name);
  }
}
