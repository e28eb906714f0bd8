package dev.freshet.assets;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// What esbuild says of a bundle: which file it read for whose sake, and what came of it.
///
/// @param inputs by path, relative to the source folder
/// @param outputs by path in the folder of the result
record Metafile(Map<String, Input> inputs, Map<String, Output> outputs) {
  private static final ObjectMapper JSON = new ObjectMapper();

  record Input(long octets, List<Import> imports) {}

  /// @param kind as esbuild names it: `import-statement`, `dynamic-import`, `url-token`, ...
  record Import(String path, String kind, boolean isExternal) {
    /// Whether who needs the importer needs this too, at once.
    boolean isStatic() {
      return !isExternal && !kind.equals("dynamic-import");
    }

    boolean isDynamic() {
      return !isExternal && kind.equals("dynamic-import");
    }
  }

  /// @param modules input to its octets in here
  record Output(
      long octets,
      List<Import> imports,
      @Nullable String entryPoint,
      @Nullable String cssBundle,
      Map<String, Long> modules) {}

  /// @param folder where esbuild ran
  /// @param stage where it wrote to
  static Metafile read(Path file, Path folder, Path stage) throws IOException {
    JsonNode tree = JSON.readTree(Files.readAllBytes(file));
    Map<String, Input> inputs = new LinkedHashMap<>();
    tree.path("inputs")
        .properties()
        .forEach(of ->
            inputs.put(
                of.getKey(),
                new Input(
                    of.getValue().path("bytes").asLong(), imports(of.getValue(), path -> path))));
    Map<String, Output> outputs = new LinkedHashMap<>();
    UnaryOperator<String> staged =
        path -> stage.relativize(folder.resolve(path).normalize()).toString().replace('\\', '/');
    tree.path("outputs")
        .properties()
        .forEach(of -> outputs.put(staged.apply(of.getKey()), output(of.getValue(), staged)));
    return new Metafile(inputs, outputs);
  }

  private static Output output(JsonNode of, UnaryOperator<String> staged) {
    Map<String, Long> modules = new LinkedHashMap<>();
    of.path("inputs")
        .properties()
        .forEach(in -> modules.put(in.getKey(), in.getValue().path("bytesInOutput").asLong()));
    String css = of.path("cssBundle").textValue();
    return new Output(
        of.path("bytes").asLong(),
        imports(of, staged),
        of.path("entryPoint").textValue(),
        css == null ? null : staged.apply(css),
        modules);
  }

  private static List<Import> imports(JsonNode of, UnaryOperator<String> named) {
    List<Import> all = new ArrayList<>();
    for (JsonNode one : of.path("imports")) {
      boolean isExternal = one.path("external").asBoolean();
      String path = one.path("path").asText();
      all.add(
          new Import(isExternal ? path : named.apply(path), one.path("kind").asText(), isExternal));
    }
    return all;
  }

  /// Both together; they share no output.
  Metafile and(Metafile other) {
    Map<String, Input> allInputs = new LinkedHashMap<>(inputs);
    allInputs.putAll(other.inputs);
    Map<String, Output> allOutputs = new LinkedHashMap<>(outputs);
    allOutputs.putAll(other.outputs);
    return new Metafile(allInputs, allOutputs);
  }

  /// With its entries under other names.
  Metafile named(UnaryOperator<String> name) {
    Map<String, Output> renamed = new LinkedHashMap<>();
    outputs.forEach((file, output) -> {
      String entry = output.entryPoint();
      renamed.put(
          file,
          new Output(
              output.octets(),
              output.imports(),
              entry == null ? null : name.apply(entry),
              output.cssBundle(),
              output.modules()));
    });
    return new Metafile(inputs, renamed);
  }

  /// With its outputs under other paths.
  Metafile moved(UnaryOperator<String> path) {
    Map<String, Output> all = new LinkedHashMap<>();
    outputs.forEach((file, output) -> {
      String css = output.cssBundle();
      List<Import> imports =
          output.imports().stream()
              .map(one ->
                  one.isExternal()
                      ? one
                      : new Import(path.apply(one.path()), one.kind(), one.isExternal()))
              .toList();
      all.put(
          path.apply(file),
          new Output(
              output.octets(),
              imports,
              output.entryPoint(),
              css == null ? null : path.apply(css),
              output.modules()));
    });
    return new Metafile(inputs, all);
  }

  static Metafile empty() {
    return new Metafile(Map.of(), Map.of());
  }
}
