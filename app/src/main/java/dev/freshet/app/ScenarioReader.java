package dev.freshet.app;

import dev.freshet.base.Trouble;
import dev.freshet.load.Browsing;
import dev.freshet.load.Manner;
import dev.freshet.load.Manner.Protocol;
import dev.freshet.load.Phase;
import dev.freshet.load.Rows;
import dev.freshet.load.Scenario;
import dev.freshet.load.Threshold;
import dev.freshet.load.Visit;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;

/// Reads a scenario of a load; every trouble found is told, with its line.
final class ScenarioReader {
  private final String file;
  private final Path folder;
  private final List<Trouble> troubles = new ArrayList<>();

  private ScenarioReader(String file, Path folder) {
    this.file = file;
    this.folder = folder;
  }

  /// What a file says.
  ///
  /// @param target null where the file names none
  record Said(Scenario scenario, @Nullable String target) {}

  /// @param file as messages call it
  /// @param folder where files of data are looked for
  static Said read(String file, String text, Path folder) {
    ScenarioReader reader = new ScenarioReader(file, folder);
    Section root = Section.of(file, "", reader.compose(text), reader.troubles);
    Said said = reader.scenario(root);
    if (!reader.troubles.isEmpty() || said == null) {
      throw new Trouble.Found(reader.troubles);
    }
    return said;
  }

  private @Nullable Node compose(String text) {
    try {
      return new Yaml(new LoaderOptions()).compose(new StringReader(text));
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
      troubles.add(
          new Trouble(file + ":" + line, "is not YAML: " + e.getProblem(), "correct the line"));
    } catch (YAMLException e) {
      troubles.add(new Trouble(file, "is not YAML: " + e.getMessage(), "correct it"));
    }
    return null;
  }

  private @Nullable Said scenario(Section root) {
    String target = root.<@Nullable String>read("target", null, value -> value);
    String name = root.text("name", file);
    Map<String, String> variables = root.pairs("variables");
    List<Rows> data = new ArrayList<>();
    for (Section group : root.sections("data")) {
      rows(group, data);
    }
    List<String> known = new ArrayList<>(variables.keySet());
    known.addAll(List.of(Scenario.VISIT, Scenario.NOW));
    data.forEach(rows -> known.addAll(rows.columns()));
    StepReader steps = new StepReader(root.pairs("headers"));
    List<Visit> visits = new ArrayList<>();
    for (Section group : root.sections("visits")) {
      visit(group, steps, known, visits);
    }
    List<Phase> phases = new ArrayList<>();
    for (Section group : root.sections("phases")) {
      phase(group, phases);
    }
    List<Threshold> thresholds = root.list("thresholds", Threshold::parse);
    Manner manner =
        Manner.PLAIN
            .with(root.read("protocol", Protocol.HTTP1, AimFlags::protocol))
            .with(browsing(root));
    if (visits.isEmpty() && troubles.isEmpty()) {
      root.wrong("visits", "are missing: nobody does anything", "add a list of visits with steps");
    }
    root.end();
    return visits.isEmpty()
        ? null
        : new Said(new Scenario(name, phases, visits, variables, data, thresholds, manner), target);
  }

  /// `browser: true`, or a group that says more.
  private static @Nullable Browsing browsing(Section root) {
    if (!root.isGroup("browser")) {
      return root.flag("browser", false) ? new Browsing(AimFlags.RETURNING) : null;
    }
    Section group = root.section("browser");
    Browsing out = new Browsing(group.read("returning", AimFlags.RETURNING, ScenarioReader::share));
    group.end();
    return out;
  }

  private static double share(String value) {
    String number = value.strip().replaceFirst("\\s*%$", "");
    if (number.equals(value.strip()) || !number.matches("[0-9]{1,2}(\\.[0-9]+)?|100")) {
      throw new IllegalArgumentException("'" + value + "' is no share; write it like 50%");
    }
    return Double.parseDouble(number) / 100;
  }

  private void rows(Section group, List<Rows> out) {
    boolean isRandom =
        group.read(
            "order",
            true,
            value ->
                switch (value) {
                  case "random" -> true;
                  case "inTurn" -> false;
                  default -> throw new IllegalArgumentException("is random or inTurn");
                });
    Rows rows =
        group.<@Nullable Rows>read(
            "file",
            null,
            value -> {
              try {
                return Rows.parse(Files.readString(folder.resolve(value)), isRandom);
              } catch (IOException e) {
                throw new IllegalArgumentException("'" + value + "' can't be read: " + e, e);
              }
            });
    if (rows != null) {
      out.add(rows);
    } else if (!group.has("file")) {
      group.wrong("file", "is missing", "name a CSV file of which the first line names columns");
    }
    group.end();
  }

  private static void visit(Section group, StepReader steps, List<String> known, List<Visit> out) {
    String name = group.text("name", "visit " + (out.size() + 1));
    int weight = group.number("weight", 1, 1);
    List<String> variables = new ArrayList<>(known);
    var read = group.sections("steps").stream().map(step -> steps.read(step, variables)).toList();
    if (read.isEmpty()) {
      group.wrong("steps", "are missing", "add a list of steps, for example `- get: /`");
    } else if (read.stream().allMatch(step -> step != null)) {
      out.add(new Visit(name, weight, read));
    }
    group.end();
  }

  private static void phase(Section group, List<Phase> out) {
    Map<String, Phase.Shape> shapes = new LinkedHashMap<>();
    shape(group, shapes, "constantRate", value -> new Phase.Shape.ConstantRate(rate(value)));
    shape(group, shapes, "rampRate", ScenarioReader::ramp);
    shape(group, shapes, "users", value -> new Phase.Shape.Users(count(value)));
    Duration pause = group.durationOrNull("pause");
    Duration lasting = group.timeout("for", pause == null ? Duration.ofSeconds(30) : pause);
    Duration warmUp = group.duration("warmUp", Duration.ZERO);
    if (pause != null && !pause.isZero()) {
      shapes.put("pause", new Phase.Shape.Pause());
    }
    String name = group.text("name", shapes.isEmpty() ? "" : shapes.keySet().iterator().next());
    if (shapes.size() == 1) {
      out.add(new Phase(name, shapes.values().iterator().next(), warmUp, lasting));
    } else if (shapes.size() > 1 || !hasShape(group)) {
      group.wrong(
          shapes.isEmpty() ? "constantRate" : String.valueOf(shapes.keySet().toArray()[1]),
          shapes.isEmpty() ? "is missing: it isn't said how visitors come" : "is one too many",
          "say one of constantRate, rampRate, users and pause");
    }
    group.end();
  }

  private static boolean hasShape(Section group) {
    return List.of("constantRate", "rampRate", "users", "pause").stream().anyMatch(group::has);
  }

  private static void shape(
      Section group,
      Map<String, Phase.Shape> out,
      String key,
      Function<String, Phase.Shape> parse) {
    Phase.Shape shape = group.<Phase.@Nullable Shape>read(key, null, parse);
    if (shape != null) {
      out.put(key, shape);
    }
  }

  private static Phase.Shape ramp(String value) {
    String[] ends = value.split("\\s+to\\s+", -1);
    if (ends.length != 2) {
      throw new IllegalArgumentException("'" + value + "' is not a ramp; write it like 10 to 500");
    }
    return new Phase.Shape.RampRate(rate(ends[0]), rate(ends[1]));
  }

  static double rate(String value) {
    String number = value.strip().replaceFirst("\\s*/\\s*s$", "").replace("_", "");
    try {
      return Double.parseDouble(number);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + value + "' is not a rate; write arrivals a second like 200", e);
    }
  }

  private static int count(String value) {
    try {
      return Integer.parseInt(value.replace("_", ""));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + value + "' is not a number of users", e);
    }
  }
}
