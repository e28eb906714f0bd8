package dev.freshet.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.load.Check;
import dev.freshet.load.Extraction;
import dev.freshet.load.Step;
import dev.freshet.load.Talk;
import dev.freshet.load.Template;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the steps of a scenario.
final class StepReader {
  /// Two of them would be two requests, or an answer that can't be read.
  private static final Set<String> OWN =
      Set.of("content-length", "transfer-encoding", "accept-encoding", "cookie");

  private static final Set<String> OF_A_WEB_SOCKET =
      Set.of(
          "connection",
          "upgrade",
          "sec-websocket-key",
          "sec-websocket-version",
          "sec-websocket-protocol",
          "sec-websocket-extensions");

  private static final List<String> METHODS =
      List.of("get", "post", "put", "patch", "delete", "head", "websocket", "sse");

  /// What stands in the turns of a channel instead, or makes no sense there.
  private static final List<String> NOT_OF_A_CHANNEL =
      List.of("check", "extract", "body", "json", "mark");

  private static final ObjectMapper JSON = new ObjectMapper();
  private final Map<String, String> headers;

  /// @param headers of every step
  StepReader(Map<String, String> headers) {
    this.headers = headers;
  }

  /// @param variables known so far; those that the step extracts are added
  /// @return null when it can't be made
  @Nullable Step read(Section group, List<String> variables) {
    String method = "";
    Template path = null;
    for (String one : METHODS) {
      Template told = group.<@Nullable Template>read(one, null, StepReader::path);
      if (told != null && path != null) {
        group.wrong(one, "is a second request", "make it a step of its own");
      } else if (told != null) {
        method = one.toUpperCase(Locale.ROOT);
        path = told;
        known(group, one, told, variables);
      }
    }
    if (path == null && METHODS.stream().noneMatch(group::has)) {
      group.wrong(
          "get",
          "is missing: the step asks for nothing",
          "say `get: /path`, or post, put, websocket, sse");
    }
    Talk.Kind kind = kind(method);
    String name =
        group.text(
            "name", path == null ? "" : method + " " + String.join("{}", every(path.parts())));
    Map<String, String> all = new LinkedHashMap<>(headers);
    Map<String, String> own = group.pairs("headers");
    own.keySet().forEach(key -> all.keySet().removeIf(key::equalsIgnoreCase));
    all.putAll(own);
    Template body = body(group, all, variables);
    List<Step.Field> fields = new ArrayList<>();
    all.forEach((key, value) -> {
      Template template = Template.of(value);
      known(group, "headers", template, variables);
      if (!key.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+") || value.matches("(?s).*[\r\n].*")) {
        group.wrong("headers", "'" + key + "' is no field of one line", "correct it");
      } else if (isOwn(key, kind)) {
        group.wrong("headers", "'" + key + "' is set by the generator itself", "take it out");
      } else {
        fields.add(new Step.Field(key, template));
      }
    });
    Duration[] think = think(group);
    Map<String, Extraction> extract = new LinkedHashMap<>();
    group.groups("extract").forEach((variable, from) -> extract(variable, from, extract));
    List<Check> checks = checks(group.section("check"));
    Template mark = group.<@Nullable Template>read("mark", null, Template::of);
    if (mark != null) {
      known(group, "mark", mark, variables);
    }
    Talk talk = kind == null ? null : channel(group, kind, fields, variables);
    group.end();
    variables.addAll(extract.keySet());
    String verb = kind == null ? method : "GET";
    return path == null
        ? null
        : new Step(name, verb, path, fields, body, extract, checks, think[0], think[1], mark, talk);
  }

  private static Talk.@Nullable Kind kind(String method) {
    return switch (method) {
      case "WEBSOCKET" -> Talk.Kind.WEB_SOCKET;
      case "SSE" -> Talk.Kind.EVENT_STREAM;
      default -> null;
    };
  }

  private static boolean isOwn(String field, Talk.@Nullable Kind kind) {
    String name = field.toLowerCase(Locale.ROOT);
    return OWN.contains(name) || (kind == Talk.Kind.WEB_SOCKET && OF_A_WEB_SOCKET.contains(name));
  }

  private static Talk channel(
      Section group, Talk.Kind kind, List<Step.Field> fields, List<String> variables) {
    for (String key : NOT_OF_A_CHANNEL) {
      if (group.has(key)) {
        group.wrong(key, "is not for a channel", "say it in `talk`, or in a step with a request");
      }
    }
    if (kind == Talk.Kind.EVENT_STREAM) {
      if (fields.stream().noneMatch(field -> field.name().equalsIgnoreCase("Accept"))) {
        fields.add(new Step.Field("Accept", Template.of("text/event-stream")));
      }
      Template last = group.<@Nullable Template>read("lastEventId", null, Template::of);
      if (last != null) {
        known(group, "lastEventId", last, variables);
        fields.add(new Step.Field("Last-Event-ID", last));
      }
    }
    return TalkReader.read(group, kind, variables);
  }

  /// The literal parts only: what stands between them differs from visit to visit.
  private static List<String> every(List<String> parts) {
    List<String> out = new ArrayList<>();
    for (int i = 0; i < parts.size(); i += 2) {
      out.add(parts.get(i));
    }
    return out;
  }

  private static Template path(String text) {
    if (!text.startsWith("/") || text.chars().anyMatch(c -> c <= ' ' || c > 0x7e)) {
      throw new IllegalArgumentException(
          "'" + text + "' is no path: it begins with / and has no spaces or letters like é");
    }
    return Template.of(text);
  }

  static void known(Section group, String key, Template text, List<String> variables) {
    for (String name : text.variables()) {
      if (!variables.contains(name)) {
        String near = Nearest.of(name, variables);
        group.wrong(
            key,
            "uses ${" + name + "}, which nothing before it sets",
            near == null
                ? "declare it under variables, data, or extract it in an earlier step"
                : "did you mean ${" + near + "}?");
      }
    }
  }

  private static @Nullable Template body(
      Section group, Map<String, String> headers, List<String> variables) {
    Template plain = group.<@Nullable Template>read("body", null, Template::of);
    Template json = group.<@Nullable Template>read("json", null, StepReader::json);
    if (plain != null && json != null) {
      group.wrong("json", "stands beside body", "keep one of them");
    }
    if (plain != null) {
      known(group, "body", plain, variables);
    }
    if (json != null) {
      known(group, "json", json, variables);
      if (headers.keySet().stream().noneMatch("Content-Type"::equalsIgnoreCase)) {
        headers.put("Content-Type", "application/json");
      }
    }
    return json != null ? json : plain;
  }

  private static Template json(String text) {
    Template template = Template.of(text);
    if (template.variables().isEmpty()) {
      try {
        JSON.readTree(text);
      } catch (JsonProcessingException e) {
        throw new IllegalArgumentException("is not JSON: " + e.getOriginalMessage(), e);
      }
    }
    return template;
  }

  private static Duration[] think(Section group) {
    Duration[] none = {Duration.ZERO, Duration.ZERO};
    return group.read("think", none, value -> range(value, "pause"));
  }

  /// The shortest and the longest.
  ///
  /// @param what it is, in messages
  static Duration[] range(String value, String what) {
    String[] ends = value.split("\\s*-\\s*|\\s+to\\s+", -1);
    Duration least = Durations.parse(ends[0]);
    Duration most = Durations.parse(ends[ends.length - 1]);
    if (ends.length > 2 || most.compareTo(least) < 0) {
      throw new IllegalArgumentException(
          "'" + value + "' is no " + what + "; write it like 1s or 1s to 3s");
    }
    return new Duration[] {least, most};
  }

  static void extract(String variable, Section from, Map<String, Extraction> out) {
    Map<String, Extraction> found = values(from);
    if (!variable.matches("[A-Za-z_][A-Za-z0-9_]*")) {
      from.wrong("json", "'" + variable + "' can't be a variable", "use letters, digits and _");
    } else if (found.size() == 1) {
      out.put(variable, found.values().iterator().next());
    } else if ((!from.has("json") && !from.has("header") && !from.has("regex") && !from.has("any"))
        || found.size() > 1) {
      from.wrong("json", "one place is needed", "say one of json, header, regex and any");
    }
    from.end();
  }

  private static Map<String, Extraction> values(Section from) {
    Map<String, Extraction> found = new LinkedHashMap<>();
    Extraction json = from.<@Nullable Extraction>read("json", null, Extraction::json);
    Extraction header = from.<@Nullable Extraction>read("header", null, Extraction::header);
    Extraction regex = from.<@Nullable Extraction>read("regex", null, Extraction::regex);
    Extraction any = from.<@Nullable Extraction>read("any", null, Extraction::any);
    if (any != null) {
      found.put("any", any);
    }
    if (json != null) {
      found.put("json", json);
    }
    if (header != null) {
      found.put("header", header);
    }
    if (regex != null) {
      found.put("regex", regex);
    }
    return found;
  }

  private static List<Check> checks(Section group) {
    List<Check> out = new ArrayList<>();
    List<Integer> statuses = group.list("status", StepReader::status);
    if (!statuses.isEmpty()) {
      out.add(new Check.Status(statuses));
    }
    out.addAll(contents(group));
    group
        .pairs("header")
        .forEach((name, text) -> out.add(new Check.Equal(name, Extraction.header(name), text)));
    group.end();
    return out;
  }

  /// What a content must be like.
  static List<Check> contents(Section group) {
    List<Check> out = new ArrayList<>();
    group.texts("contains").forEach(text -> out.add(new Check.Contains(text)));
    group
        .pairs("json")
        .forEach((pointer, text) -> {
          try {
            out.add(new Check.Equal(pointer, Extraction.json(pointer), text));
          } catch (IllegalArgumentException e) {
            group.wrong("json", "'" + pointer + "' is no JSON pointer", "write it like /items/0");
          }
        });
    return out;
  }

  private static Integer status(String text) {
    if (!text.matches("[1-5][0-9]{2}")) {
      throw new IllegalArgumentException("'" + text + "' is not a status");
    }
    return Integer.valueOf(text);
  }
}
