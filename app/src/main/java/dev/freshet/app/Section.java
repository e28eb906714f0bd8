package dev.freshet.app;

import dev.freshet.base.ByteSize;
import dev.freshet.base.Trouble;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/// One mapping of the configuration file, read key by key; keeps what was not read, and every
/// trouble with its line.
final class Section {
  private final String file;
  private final String path;
  private final List<Trouble> troubles;
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Map<String, Node> keys = new LinkedHashMap<>();
  private final List<String> known = new ArrayList<>();
  private int line;

  private Section(String file, String path, List<Trouble> troubles) {
    this.file = file;
    this.path = path;
    this.troubles = troubles;
  }

  static Section of(String file, String path, @Nullable Node node, List<Trouble> troubles) {
    Section section = new Section(file, path, troubles);
    section.line = node == null ? 0 : line(node);
    if (node instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        section.add(tuple.getKeyNode(), tuple.getValueNode());
      }
    } else if (node != null && !isNull(node)) {
      section.trouble(node, "", "is not a group of keys", "write `key: value` lines here");
    }
    return section;
  }

  /// One in which nothing is said.
  static Section none() {
    return of("", "", null, new ArrayList<>());
  }

  private void add(Node key, Node value) {
    if (!(key instanceof ScalarNode plain)) {
      trouble(key, "", "a list or a group can't be a key", "write `key: value` lines here");
      return;
    }
    String name = plain.getValue();
    if (values.containsKey(name)) {
      trouble(key, name, "stands twice", "keep one of them");
    }
    values.put(name, value);
    keys.put(name, key);
  }

  private static boolean isNull(Node node) {
    return node instanceof ScalarNode scalar
        && (scalar.getValue().isEmpty() || scalar.getValue().equals("null"));
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  private @Nullable Node node(String key) {
    known.add(key);
    return values.get(key);
  }

  /// The value, or the given one where the key is absent or wrong; what is wrong is kept as a
  /// trouble.
  <T extends @Nullable Object> T read(
      String key, T otherwise, Function<String, ? extends T> parse) {
    Node node = node(key);
    if (node == null || isNull(node)) {
      return otherwise;
    }
    if (!(node instanceof ScalarNode scalar)) {
      trouble(node, key, "takes one value", "write it behind the colon");
      return otherwise;
    }
    return parsed(scalar, key, otherwise, parse);
  }

  private <T extends @Nullable Object> T parsed(
      ScalarNode node, String key, T otherwise, Function<String, ? extends T> parse) {
    try {
      return parse.apply(node.getValue());
    } catch (IllegalArgumentException e) {
      String why = e.getMessage() == null ? "can't be read" : e.getMessage();
      trouble(node, key, why, "correct the value");
      return otherwise;
    }
  }

  String text(String key, String otherwise) {
    return read(key, otherwise, value -> value);
  }

  /// A whole number that is not smaller than the given one.
  int number(String key, int otherwise, int least) {
    return read(
        key,
        otherwise,
        value -> {
          int number;
          try {
            number = Integer.parseInt(value.replace("_", ""));
          } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + value + "' is not a whole number", e);
          }
          if (number < least) {
            throw new IllegalArgumentException("must be at least " + least);
          }
          return number;
        });
  }

  boolean flag(String key, boolean otherwise) {
    return read(
        key,
        otherwise,
        value ->
            switch (value) {
              case "true", "on", "yes" -> true;
              case "false", "off", "no" -> false;
              default -> throw new IllegalArgumentException("'" + value + "' is not on or off");
            });
  }

  Duration duration(String key, Duration otherwise) {
    return read(key, otherwise, Durations::parse);
  }

  /// A duration that can't be nothing.
  Duration timeout(String key, Duration otherwise) {
    return read(
        key,
        otherwise,
        value -> {
          Duration duration = Durations.parse(value);
          if (duration.isZero()) {
            throw new IllegalArgumentException("must be longer than nothing");
          }
          return duration;
        });
  }

  @Nullable Duration durationOrNull(String key) {
    Duration none = Duration.ofNanos(-1);
    Duration told = duration(key, none);
    return told.equals(none) ? null : told;
  }

  ByteSize size(String key, ByteSize otherwise) {
    return read(key, otherwise, ByteSize::parse);
  }

  /// A size that one array can have, and not smaller than the given one.
  int octets(String key, int otherwise, int least) {
    return read(
        key,
        otherwise,
        value -> {
          long octets = ByteSize.parse(value).bytes();
          if (octets < least || octets > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                octets < least
                    ? "must be at least " + new ByteSize(least)
                    : "must be less than " + new ByteSize(1L << 31));
          }
          return (int) octets;
        });
  }

  /// A list of values, or one value alone.
  List<String> texts(String key) {
    return list(key, value -> value);
  }

  /// As [#texts], each value with its own line where it is wrong.
  <T> List<T> list(String key, Function<String, T> parse) {
    Node node = node(key);
    List<Node> items = new ArrayList<>();
    if (node instanceof SequenceNode sequence) {
      items.addAll(sequence.getValue());
    } else if (node instanceof ScalarNode && !isNull(node)) {
      items.add(node);
    } else if (node != null && !isNull(node)) {
      trouble(node, key, "takes a list of values", "write `- value` lines");
    }
    List<T> out = new ArrayList<>();
    for (Node item : items) {
      if (item instanceof ScalarNode scalar) {
        T value = this.<@Nullable T>parsed(scalar, key, null, parse);
        if (value != null) {
          out.add(value);
        }
      } else {
        trouble(item, key, "takes plain values", "write one value a line");
      }
    }
    return out;
  }

  /// A group of which the keys are the user's own, each with one value.
  Map<String, String> pairs(String key) {
    Section group = section(key);
    Map<String, String> out = new LinkedHashMap<>();
    for (String name : List.copyOf(group.values.keySet())) {
      out.put(name, group.text(name, ""));
    }
    return out;
  }

  /// A group of which the keys are the user's own, each with a group.
  Map<String, Section> groups(String key) {
    Section group = section(key);
    Map<String, Section> out = new LinkedHashMap<>();
    for (String name : List.copyOf(group.values.keySet())) {
      out.put(name, group.section(name));
    }
    return out;
  }

  Section section(String key) {
    return of(file, join(key), node(key), troubles);
  }

  List<Section> sections(String key) {
    Node node = node(key);
    List<Section> out = new ArrayList<>();
    if (node instanceof SequenceNode sequence) {
      int i = 0;
      for (Node item : sequence.getValue()) {
        out.add(of(file, join(key) + "[" + i++ + "]", item, troubles));
      }
    } else if (node != null && !isNull(node)) {
      trouble(node, key, "takes a list", "begin each element with `- `");
    }
    return out;
  }

  /// True when the key is absent, or nothing or an empty list stands behind it.
  boolean isNothing(String key) {
    Node node = values.get(key);
    return node == null
        || isNull(node)
        || (node instanceof SequenceNode list && list.getValue().isEmpty());
  }

  /// Adds a trouble at each key that is known here and has nothing behind it.
  void empty(String cause, String remedy) {
    List.copyOf(values.keySet()).stream()
        .filter(key -> known.contains(key) && isNothing(key))
        .forEach(key -> wrong(key, cause, remedy));
  }

  /// True when the key holds a group of keys rather than a value.
  boolean isGroup(String key) {
    return values.get(key) instanceof MappingNode;
  }

  /// Adds a trouble at a key, or where its group is when it is absent.
  void wrong(String key, String cause, String remedy) {
    Node at = keys.get(key);
    if (at != null) {
      trouble(at, key, cause, remedy);
    } else {
      String place = line == 0 || path.isEmpty() ? file : file + ":" + line;
      troubles.add(new Trouble(place + " " + join(key), cause, remedy));
    }
  }

  /// Every key that nobody asked for is a mistake; says which known one is nearest.
  void end() {
    for (Map.Entry<String, Node> entry : keys.entrySet()) {
      if (!known.contains(entry.getKey())) {
        String near = Nearest.of(entry.getKey(), known);
        trouble(
            entry.getValue(),
            entry.getKey(),
            "is not a key",
            near == null
                ? "known here: " + String.join(", ", known)
                : "did you mean `" + near + "`?");
      }
    }
  }

  private String join(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private void trouble(Node at, String key, String cause, String remedy) {
    String place = key.isEmpty() ? path : join(key);
    String where = file + ":" + line(at) + (place.isEmpty() ? "" : " " + place);
    troubles.add(new Trouble(where, cause, remedy));
  }

  private static int line(Node node) {
    return node.getStartMark().getLine() + 1;
  }
}
