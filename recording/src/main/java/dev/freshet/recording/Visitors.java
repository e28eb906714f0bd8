package dev.freshet.recording;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Who is visiting: sessions by the fingerprints of what tells them apart, forgotten when they were
/// silent for long.
final class Visitors {
  private static final int MOST = 200_000;
  private static final long SILENT_NANOS = 60_000_000_000L;
  private final Substitutes substitutes;
  private final Map<String, Named> byName = new LinkedHashMap<>(1_024, 0.75f, true);
  private int count;

  private static final class Named {
    final Visitor visitor;
    long lastNanos;

    Named(Visitor visitor, long lastNanos) {
      this.visitor = visitor;
      this.lastNanos = lastNanos;
    }
  }

  Visitors(Substitutes substitutes) {
    this.substitutes = substitutes;
  }

  /// The session with that name, begun where there is none.
  Visitor of(String who, long nanos) {
    String name = substitutes.fingerprint(who);
    Named named = byName.get(name);
    if (named == null) {
      named = new Named(new Visitor(++count), nanos);
      named.visitor.names++;
      byName.put(name, named);
    }
    named.lastNanos = nanos;
    return named.visitor;
  }

  /// The session with that name, null where there is none.
  @Nullable Visitor known(String who) {
    Named named = byName.get(substitutes.fingerprint(who));
    return named == null ? null : named.visitor;
  }

  /// From now on that name, too, is this session's.
  ///
  /// @param former a name that no longer is, since others may have it, or null
  void name(Visitor visitor, String who, @Nullable String former, long nanos) {
    String name = substitutes.fingerprint(who);
    Named old = byName.get(name);
    if (old != null && old.visitor.equals(visitor)) {
      old.lastNanos = nanos;
    } else if (old == null) {
      visitor.names++;
      byName.put(name, new Named(visitor, nanos));
    }
    String before = former == null ? null : substitutes.fingerprint(former);
    Named shared = before == null ? null : byName.get(before);
    if (before != null && shared != null && visitor.names > 1 && shared.visitor.equals(visitor)) {
      byName.remove(before);
      visitor.names--;
    }
  }

  /// Whether there are more than can be held.
  boolean isFull() {
    return byName.size() >= MOST;
  }

  /// Forgets who was silent for a minute.
  void expire(long now, Consumer<Visitor> ended) {
    Iterator<Named> eldest = byName.values().iterator();
    while (eldest.hasNext()) {
      Named named = eldest.next();
      if (now - named.lastNanos < SILENT_NANOS) {
        return;
      }
      eldest.remove();
      if (--named.visitor.names == 0) {
        ended.accept(named.visitor);
      }
    }
  }

  void end(Consumer<Visitor> ended) {
    for (Named named : byName.values()) {
      if (--named.visitor.names == 0) {
        ended.accept(named.visitor);
      }
    }
    byName.clear();
  }

  /// How many sessions there have been.
  int count() {
    return count;
  }
}
