package dev.freshet.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.base.Trouble;
import dev.freshet.load.LoadReport;
import dev.freshet.load.Measured;
import dev.freshet.load.Scenario;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// What `freshet load` reads and writes.
final class LoadFiles {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// Scenarios that come with the program.
  private static final Set<String> OWN = Set.of("shop", "live");

  private LoadFiles() {}

  /// What was named on the command line.
  ///
  /// @param scenario null where only an address was given
  record Named(@Nullable Scenario scenario, String target) {}

  /// @param what an address; or a scenario and, unless the scenario says it, an address
  static Named named(List<String> what) {
    if (what.isEmpty()) {
      throw new Trouble.Found(
          new Trouble("load", "it isn't said what to put load on", "write http://127.0.0.1:8080"));
    }
    String first = what.getFirst();
    if (first.startsWith("http://") || first.startsWith("https://")) {
      if (what.size() > 1) {
        throw new Trouble.Found(
            new Trouble(what.get(1), "stands behind an address", "write the scenario first"));
      }
      return new Named(null, first);
    }
    ScenarioReader.Said said = OWN.contains(first) ? own(first) : file(Path.of(first));
    String target = what.size() > 1 ? what.get(1) : said.target();
    if (target == null) {
      throw new Trouble.Found(
          new Trouble(
              "load " + first,
              "it isn't said what to put load on",
              "add an address: freshet load " + first + " http://127.0.0.1:8080"));
    }
    return new Named(said.scenario(), target);
  }

  /// An address alone, or where Freshet listens unless it is told otherwise.
  static Named address(List<String> what) {
    if (what.size() > 1 || (what.size() == 1 && !what.getFirst().contains("://"))) {
      throw new Trouble.Found(
          new Trouble(
              what.getLast(),
              "recorded traffic is no scenario's",
              "leave it out; beside --from stands an address only"));
    }
    return new Named(null, what.isEmpty() ? "http://127.0.0.1:8080" : what.getFirst());
  }

  private static ScenarioReader.Said file(Path path) {
    try {
      Path folder = path.toAbsolutePath().getParent();
      return ScenarioReader.read(
          path.toString(), Files.readString(path), folder == null ? Path.of("/") : folder);
    } catch (IOException e) {
      throw new Trouble.Found(
          new Trouble(
              "load " + path,
              "it is neither an address nor a file that can be read (" + e + ")",
              "write http://... or the name of a scenario's file"));
    }
  }

  private static ScenarioReader.Said own(String name) {
    try (InputStream in = LoadFiles.class.getResourceAsStream(name + "-load.yaml")) {
      if (in == null) {
        throw new IllegalStateException(name + "-load.yaml is not in the program");
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return ScenarioReader.read(name, text, Path.of("."));
    } catch (IOException e) {
      throw new IllegalStateException("a file of the program itself can't be read", e);
    }
  }

  static JsonNode json(Path path) {
    try {
      return JSON.readTree(Files.readString(path));
    } catch (IOException e) {
      throw new Trouble.Found(
          new Trouble(
              "--compare " + path,
              "it can't be read as JSON: " + e.getMessage(),
              "name what an earlier run with --json printed"));
    }
  }

  static String text(Map<String, Object> data) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(data);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("figures are plain data", e);
    }
  }

  static void write(Path path, String text) {
    try {
      Files.writeString(path, text);
    } catch (IOException e) {
      throw unwritable(path, e);
    }
  }

  /// Two files a phase, from the intended start and from the send.
  static void histograms(Path folder, LoadReport report) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw unwritable(folder, e);
    }
    int n = 0;
    for (Measured measured : report.loaded()) {
      String name = ++n + "-" + measured.phase().name().replaceAll("[^A-Za-z0-9-]+", "-");
      write(folder.resolve(name + "-felt.hgrm"), percentiles(measured.total().intended()));
      write(folder.resolve(name + "-once-sent.hgrm"), percentiles(measured.total().service()));
    }
  }

  private static String percentiles(Histogram nanos) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (PrintStream print = new PrintStream(out, false, StandardCharsets.UTF_8)) {
      nanos.outputPercentileDistribution(print, 1e6);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static Trouble.Found unwritable(Path path, IOException e) {
    return new Trouble.Found(
        new Trouble(path.toString(), "it can't be written: " + e, "name another place"));
  }
}
