package dev.freshet.integrations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.freshness.TraceId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Many requests at once, each under a trace of its own and every fifth under none; what they got,
/// and what was sent to the database for them.
///
/// @param answers by the number of the request
record Crowd(Map<Integer, String> answers, List<Heard> heard) {
  private static final int WITHOUT = 5;
  private static final long OURS = 0xf5e5_4e7L;

  /// @param port where the app listens
  /// @param rounds how often each path is asked for
  static Crowd ask(int port, Tap tap, List<String> paths, int rounds) {
    tap.forget();
    Map<Integer, CompletableFuture<String>> asked = new LinkedHashMap<>();
    for (int n = 0; n < paths.size() * rounds; n++) {
      TraceId trace = trace(n);
      String path = paths.get(n % paths.size()) + "?n=n" + n;
      asked.put(
          n,
          trace == null
              ? App.ask(port, path)
              : App.ask(port, path, "traceparent", trace.traceparent(n + 1, n % 2 == 0)));
    }
    Map<Integer, String> answers = new TreeMap<>();
    asked.forEach((n, answer) -> answers.put(n, answer.join()));
    return new Crowd(answers, tap.heard());
  }

  private static @Nullable TraceId trace(int n) {
    return n % WITHOUT == WITHOUT - 1 ? null : new TraceId(OURS, n + 1);
  }

  /// The same answers from the same statements, each under the trace of the request it was for.
  void isLikeButTraced(Crowd plain) {
    assertThat(plain.heard).as("without the adapter").allMatch(h -> h.trace() == null);
    assertThat(answers).isEqualTo(plain.answers);
    assertThat(answers.values()).allMatch(answer -> answer.startsWith("200 "));
    for (Heard one : heard) {
      if (one.request() >= 0) {
        assertThat(ours(one.trace())).as("%s", one).isEqualTo(trace(one.request()));
      }
    }
    assertThat(byRequest()).isEqualTo(plain.byRequest());
    assertThat(byRequest().keySet()).as("requests with statements").containsAll(answers.keySet());
  }

  /// OpenTelemetry invents a trace where a request has none.
  private static @Nullable TraceId ours(@Nullable TraceId trace) {
    return trace != null && trace.high() == OURS ? trace : null;
  }

  private Map<Integer, List<String>> byRequest() {
    Map<Integer, List<String>> all = new TreeMap<>();
    for (Heard one : heard) {
      if (one.request() >= 0) {
        all.computeIfAbsent(one.request(), n -> new ArrayList<>()).add(text(one));
      }
    }
    all.values().forEach(texts -> texts.sort(null));
    return all;
  }

  /// Django names its cursors after the thread.
  private static String text(Heard one) {
    return one.bare().replaceAll("_django_curs_\\w+", "_django_curs");
  }

  /// How many statements carry a trace among those whose text contains `part`.
  long traced(String part) {
    return heard.stream().filter(h -> h.text().contains(part) && h.trace() != null).count();
  }
}
