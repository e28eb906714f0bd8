package dev.freshet.load;

import dev.freshet.base.Rolls;
import dev.freshet.base.Time;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What visitors do, and how they come.
///
/// @param variables known to every visit
/// @param data of which each visitor takes a row
/// @param manner how the target is met, unless somebody says otherwise
public record Scenario(
    String name,
    List<Phase> phases,
    List<Visit> visits,
    Map<String, String> variables,
    List<Rows> data,
    List<Threshold> thresholds,
    Manner manner) {
  private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;

  /// Variables that every visit has unless somebody sets them: its number, which no other of the
  /// run has, and the time in milliseconds since 1970.
  public static final String VISIT = "visit";

  public static final String NOW = "now";

  /// Over HTTP/1.1.
  public Scenario(
      String name,
      List<Phase> phases,
      List<Visit> visits,
      Map<String, String> variables,
      List<Rows> data,
      List<Threshold> thresholds) {
    this(name, phases, visits, variables, data, thresholds, Manner.PLAIN);
  }

  public Scenario {
    phases = List.copyOf(phases);
    visits = List.copyOf(visits);
    variables = Map.copyOf(variables);
    data = List.copyOf(data);
    thresholds = List.copyOf(thresholds);
    if (visits.isEmpty()) {
      throw new IllegalArgumentException("a scenario has visits");
    }
  }

  /// The same with other phases.
  public Scenario with(List<Phase> others) {
    return new Scenario(name, others, visits, variables, data, thresholds, manner);
  }

  /// The same visits, step after step without a pause.
  public Scenario withoutPauses() {
    List<Visit> hurried =
        visits.stream()
            .map(visit ->
                new Visit(
                    visit.name(),
                    visit.weight(),
                    visit.steps().stream().map(Step::withoutPause).toList()))
            .toList();
    return new Scenario(name, phases, hurried, variables, data, thresholds, manner);
  }

  /// Requests that a visit makes, on average.
  public double requestsPerVisit() {
    double all = visits.stream().mapToInt(Visit::weight).sum();
    return visits.stream().mapToInt(visit -> visit.weight() * visit.steps().size()).sum() / all;
  }

  /// Requests of its longest visit.
  public int mostRequests() {
    return visits.stream().mapToInt(visit -> visit.steps().size()).max().orElse(0);
  }

  /// What its visitors do; equal seeds do the same.
  public Visits acts(long seed) {
    return acts(seed, Time.system());
  }

  /// @param time of which `${now}` is told
  Visits acts(long seed, Time time) {
    int all = visits.stream().mapToInt(Visit::weight).sum();
    IdentityHashMap<Step, Call> plain = new IdentityHashMap<>();
    for (Visit visit : visits) {
      for (Step step : visit.steps()) {
        if (step.isPlain()) {
          plain.put(step, Objects.requireNonNull(call(step, Map.of(), step.thinkMost().toNanos())));
        }
      }
    }
    return number -> {
      Rolls rolls = new Rolls(seed * 1_000_003 + number);
      Visit visit = visit(share(seed, number), all);
      return new Acting(visit, plain, values(rolls, number), rolls, number, time);
    };
  }

  /// Where among all weights a visitor stands, 0 to 1: steps of the golden section, which spread
  /// evenly however few or many there are. So any stretch of a load has the mixture that the
  /// weights say, and two of them differ by what they ask for, not by chance.
  private static double share(long seed, long number) {
    double at = new Rolls(seed).nextDouble() + number * GOLDEN;
    return at - Math.floor(at);
  }

  private Visit visit(double share, int all) {
    double roll = share * all;
    for (Visit visit : visits) {
      roll -= visit.weight();
      if (roll < 0) {
        return visit;
      }
    }
    return visits.getLast();
  }

  private Map<String, String> values(Rolls rolls, long number) {
    if (data.isEmpty()) {
      return variables;
    }
    Map<String, String> out = new HashMap<>(variables);
    for (Rows rows : data) {
      int size = rows.rows().size();
      List<String> row =
          rows.rows().get(rows.isRandom() ? rolls.between(0, size - 1) : (int) (number % size));
      for (int i = 0; i < row.size(); i++) {
        out.put(rows.columns().get(i), row.get(i));
      }
    }
    return out;
  }

  private static @Nullable Call call(Step step, Map<String, String> values, long thinkNanos) {
    String path = step.path().path(values);
    Template body = step.body();
    Template mark = step.mark();
    String set = mark == null ? null : mark.text(values);
    String content = body == null ? "" : body.text(values);
    List<Call.Header> headers = new ArrayList<>();
    for (Step.Field field : step.headers()) {
      String value = field.value().text(values);
      if (value == null) {
        return null;
      }
      headers.add(new Call.Header(field.name(), value));
    }
    if (path == null || content == null || (mark != null && set == null)) {
      return null;
    }
    byte[] octets = content.getBytes(StandardCharsets.UTF_8);
    return new Call(
        step.name(),
        step.method(),
        path,
        headers,
        octets,
        step.wantsContent(),
        step.needsAnswer(),
        thinkNanos,
        null,
        set,
        step.talk());
  }

  /// One visitor at work.
  private static final class Acting implements Visits.Visitor {
    private final Visit visit;
    private final IdentityHashMap<Step, Call> plain;
    private final Rolls rolls;
    private final long number;
    private final Time time;
    private Map<String, String> values;
    private int at;
    private boolean isOver;

    Acting(
        Visit visit,
        IdentityHashMap<Step, Call> plain,
        Map<String, String> values,
        Rolls rolls,
        long number,
        Time time) {
      this.visit = visit;
      this.plain = plain;
      this.values = values;
      this.rolls = rolls;
      this.number = number;
      this.time = time;
    }

    /// What it knows, and what is known of it: at this moment only.
    private Map<String, String> all() {
      Map<String, String> out = new HashMap<>(values);
      out.putIfAbsent(VISIT, Long.toString(number));
      out.putIfAbsent(NOW, Long.toString(time.millis()));
      return out;
    }

    @Override
    public @Nullable String text(Template template) {
      return template.text(template.isPlain() ? values : all());
    }

    @Override
    public @Nullable Call next() {
      if (isOver || at == visit.steps().size()) {
        return null;
      }
      Step step = visit.steps().get(at++);
      Call known = plain.get(step);
      if (known != null) {
        return known;
      }
      long least = step.thinkLeast().toNanos();
      long more = step.thinkMost().toNanos() - least;
      return call(step, all(), least + (long) (more * rolls.nextDouble()));
    }

    @Override
    public List<String> answered(Call call, Reply reply) {
      Step step = visit.steps().get(at - 1);
      if (step.checks().isEmpty() && step.extract().isEmpty()) {
        return List.of();
      }
      List<String> wrong = new ArrayList<>();
      for (Check check : step.checks()) {
        if (!check.holds(reply)) {
          wrong.add(check.kind());
        }
      }
      step.extract()
          .forEach((name, extraction) -> {
            String value = extraction.from(reply, rolls);
            if (value == null) {
              wrong.add("extract " + name);
              // What comes next would ask for something else than was meant.
              isOver = true;
            } else {
              keep(name, value);
            }
          });
      return wrong;
    }

    @Override
    public void keep(String name, String value) {
      Map<String, String> own = new HashMap<>(values);
      own.put(name, value);
      values = own;
    }
  }
}
