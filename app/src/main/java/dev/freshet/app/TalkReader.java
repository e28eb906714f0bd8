package dev.freshet.app;

import dev.freshet.base.ByteSize;
import dev.freshet.load.Check;
import dev.freshet.load.Delay;
import dev.freshet.load.Extraction;
import dev.freshet.load.Talk;
import dev.freshet.load.Template;
import dev.freshet.load.Turn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads what a visitor does on the channel that a step of a scenario opens.
final class TalkReader {
  private static final List<String> TURNS = List.of("send", "expect", "for", "close");
  private static final int LARGEST = 64 << 20;
  private final Section step;
  private final Talk.Kind kind;
  private final List<String> variables;

  private TalkReader(Section step, Talk.Kind kind, List<String> variables) {
    this.step = step;
    this.kind = kind;
    this.variables = variables;
  }

  /// @param step of which `talk` and what belongs to it is read
  /// @param variables known so far; those that are extracted are added
  static Talk read(Section step, Talk.Kind kind, List<String> variables) {
    return new TalkReader(step, kind, variables).talk();
  }

  private Talk talk() {
    boolean isSocket = kind == Talk.Kind.WEB_SOCKET;
    List<String> protocols = isSocket ? step.list("subprotocols", TalkReader::protocol) : List.of();
    int most = step.octets("largest", Talk.MOST, 1);
    if (most > LARGEST) {
      step.wrong("largest", "is more than " + new ByteSize(LARGEST), "make it smaller");
      most = LARGEST;
    }
    List<Turn> turns = new ArrayList<>();
    List<Section> groups = step.sections("talk");
    groups.forEach(group -> turn(group, turns));
    if (step.isNothing("talk")) {
      step.wrong(
          "talk",
          (step.has("talk") ? "is empty" : "is missing") + ": nothing is done on the channel",
          "say what happens, for example `talk: [ { expect: 1 }, { for: 10s } ]`");
    }
    return new Talk(kind, protocols, turns, delay(step.section("delay")), most);
  }

  private static String protocol(String text) {
    if (!text.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")) {
      throw new IllegalArgumentException("'" + text + "' is no name of a subprotocol");
    }
    return text;
  }

  private void turn(Section group, List<Turn> out) {
    int before = out.size();
    List<String> said = TURNS.stream().filter(group::has).toList();
    Template text = group.<@Nullable Template>read("send", null, Template::of);
    if (text != null && kind == Talk.Kind.EVENT_STREAM) {
      group.wrong(
          "send", "can't be done on a stream of events", "use `websocket`, or a step with `post`");
    } else if (text != null) {
      StepReader.known(group, "send", text, variables);
      out.add(new Turn.Send(text));
    }
    int count = group.isGroup("expect") ? 0 : group.number("expect", 0, 1);
    if (count > 0) {
      out.add(new Turn.Expect(count, List.of(), null, Map.of(), List.of()));
    } else if (group.isGroup("expect")) {
      out.add(expect(group.section("expect")));
    }
    Duration[] listen =
        group.<Duration @Nullable []>read("for", null, value -> StepReader.range(value, "time"));
    if (listen != null) {
      out.add(new Turn.Listen(listen[0], listen[1]));
    }
    Integer code = group.<@Nullable Integer>read("close", null, TalkReader::code);
    if (code != null) {
      out.add(new Turn.Close(code));
    }
    if (said.size() > 1) {
      group.wrong(
          said.get(1), "is a second thing", "make it an element of its own behind the first");
      out.subList(before, out.size()).clear();
    } else if (said.isEmpty()) {
      group.wrong(
          "expect", "is missing: nothing is done", "say one of send, expect, for and close");
    }
    whole(group);
  }

  /// Nothing behind a colon is forgotten rather than meant.
  private static void whole(Section group) {
    group.end();
    group.empty("has nothing behind it", "write a value, or take the key out");
  }

  private Turn expect(Section group) {
    int count = group.number("count", 1, 1);
    List<Check> matching = new ArrayList<>();
    if (kind == Talk.Kind.EVENT_STREAM) {
      group
          .texts("event")
          .forEach(
              name -> matching.add(new Check.Equal("event", Extraction.header("event"), name)));
    }
    matching.addAll(StepReader.contents(group));
    Duration within = group.has("within") ? group.timeout("within", Duration.ZERO) : null;
    List<Check> checks = new ArrayList<>();
    if (group.has("check")) {
      Section check = group.section("check");
      checks.addAll(StepReader.contents(check));
      whole(check);
    }
    Map<String, Extraction> extract = new LinkedHashMap<>();
    group.groups("extract").forEach((name, from) -> StepReader.extract(name, from, extract));
    whole(group);
    variables.addAll(extract.keySet());
    return new Turn.Expect(count, matching, within, extract, checks);
  }

  private static Integer code(String text) {
    if (!text.matches("1000|1001|3[0-9]{3}|4[0-9]{3}")) {
      throw new IllegalArgumentException(
          "'" + text + "' is no code that a client may close with: 1000, 1001, or 3000 to 4999");
    }
    return Integer.valueOf(text);
  }

  private @Nullable Delay delay(Section group) {
    if (!step.has("delay")) {
      return null;
    }
    Extraction carried = group.<@Nullable Extraction>read("json", null, Extraction::json);
    Extraction marked = group.<@Nullable Extraction>read("mark", null, Extraction::json);
    Delay.Unit unit = group.read("in", Delay.Unit.MILLIS, TalkReader::unit);
    Delay out = null;
    if (carried != null && marked == null) {
      out = new Delay.Carried(carried, unit);
    } else if (marked != null && carried == null) {
      out = new Delay.Marked(marked);
    } else if (carried != null || (!group.has("json") && !group.has("mark"))) {
      group.wrong(
          "json",
          "one place is needed",
          "say json: where a message carries a time, or mark: where it shows what a step has set");
    }
    if (marked != null && group.has("in")) {
      group.wrong("in", "is for a time that messages carry", "take it out");
    }
    whole(group);
    return out;
  }

  private static Delay.Unit unit(String text) {
    return switch (text) {
      case "seconds" -> Delay.Unit.SECONDS;
      case "millis" -> Delay.Unit.MILLIS;
      case "micros" -> Delay.Unit.MICROS;
      default -> throw new IllegalArgumentException("is seconds, millis or micros since 1970");
    };
  }
}
