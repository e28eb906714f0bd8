package dev.freshet.live;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// A new state on its way to many: each form is made once, and each loop is woken once.
final class Broadcast {
  private final State before;
  private final State state;
  private final Map<Executor, List<Delivery>> byLoop = new HashMap<>();
  private final Map<String, Forms> byUrl = new HashMap<>();

  private record Delivery(Subscriber to, Event event) {}

  /// What was made for a URL: equal answers may be known by several.
  private static final class Forms {
    private @Nullable Event notice;
    private @Nullable Event body;
    private @Nullable Event patch;
  }

  Broadcast(State before, State state) {
    this.before = before;
    this.state = state;
  }

  /// @param to as it was told of the state before
  void add(Subscription to) {
    Forms forms = byUrl.computeIfAbsent(to.url, u -> new Forms());
    Event event =
        switch (to.as) {
          case NOTICE -> notice(forms, to.url);
          case BODY -> body(forms, to.url);
          case PATCH ->
              before.version().equals(to.version) ? patch(forms, to.url) : body(forms, to.url);
        };
    byLoop
        .computeIfAbsent(to.subscriber.caller().loop(), l -> new ArrayList<>())
        .add(new Delivery(to.subscriber, event));
  }

  void send() {
    byLoop.forEach(
        (loop, all) -> loop.execute(() -> all.forEach(each -> each.to().take(each.event()))));
  }

  private Event notice(Forms forms, String url) {
    Event made = forms.notice;
    if (made == null) {
      made = Event.notice(url, state);
      forms.notice = made;
    }
    return made;
  }

  private Event body(Forms forms, String url) {
    Event made = forms.body;
    if (made == null) {
      made = Event.body(url, state);
      forms.body = made;
    }
    return made;
  }

  /// The body where a patch can't be made, or is no shorter.
  private Event patch(Forms forms, String url) {
    Event made = forms.patch;
    if (made == null) {
      ArrayNode difference = difference();
      Event whole = body(forms, url);
      made = difference == null ? whole : Event.patch(url, before, state, difference);
      if (made.json().length >= whole.json().length) {
        made = whole;
      }
      forms.patch = made;
    }
    return made;
  }

  private @Nullable ArrayNode difference() {
    byte[] old = before.content();
    byte[] now = state.content();
    if (old == null || now == null || !before.isJson() || !state.isJson()) {
      return null;
    }
    if (!State.isJsonValue(old) || !State.isJsonValue(now)) {
      // Whatever it says to be: a reader would stop behind the first value.
      return null;
    }
    try {
      JsonNode from = Event.mapper().readTree(old);
      JsonNode to = Event.mapper().readTree(now);
      return JsonPatch.between(from, to);
    } catch (IOException e) {
      return null;
    }
  }
}
