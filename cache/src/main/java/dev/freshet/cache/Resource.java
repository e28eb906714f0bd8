package dev.freshet.cache;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// All entries under one key, newest first. Immutable.
public final class Resource<M> {
  /// Heap octets of a key beside its characters: Caffeine's node, the list, this, the key's place
  /// in their order.
  static final long OVERHEAD = 212;

  private final String key;
  private final List<Entry<M>> entries;

  Resource(String key, List<Entry<M>> entries) {
    this.key = key;
    this.entries = List.copyOf(entries);
  }

  public String key() {
    return key;
  }

  public int size() {
    return entries.size();
  }

  public Entry<M> get(int index) {
    return entries.get(index);
  }

  List<Entry<M>> entries() {
    return entries;
  }

  /// With one more in front, without those it replaces, cut to the limit.
  static <M> Resource<M> with(
      @Nullable Resource<M> before,
      String key,
      Entry<M> added,
      Predicate<Entry<M>> replaces,
      int maxVariants) {
    List<Entry<M>> out = new ArrayList<>();
    out.add(added);
    if (before != null) {
      for (Entry<M> entry : before.entries) {
        if (out.size() < maxVariants && !replaces.test(entry)) {
          out.add(entry);
        }
      }
    }
    return new Resource<>(before == null ? key : before.key, out);
  }

  /// With others behind, without those that are gone or there already, cut to the limit. What only
  /// its origin could confirm, because its rows changed, stands behind them all.
  static <M> Resource<M> behind(
      @Nullable Resource<M> before,
      String key,
      List<Entry<M>> others,
      Function<Entry<M>, Standing> standing,
      BiPredicate<Entry<M>, Entry<M>> isSame,
      int maxVariants) {
    List<Entry<M>> out = new ArrayList<>();
    List<Entry<M>> changed = new ArrayList<>();
    for (Entry<M> entry : before == null ? List.<Entry<M>>of() : before.entries) {
      switch (standing.apply(entry)) {
        case LIVE, SOFT -> out.add(entry);
        case CHANGED -> changed.add(entry);
        case GONE -> {}
      }
    }
    for (Entry<M> other : others) {
      if (out.size() < maxVariants && out.stream().noneMatch(e -> isSame.test(e, other))) {
        out.add(other);
      }
    }
    changed.stream().limit(Math.max(0, maxVariants - out.size())).forEach(out::add);
    return new Resource<>(before == null ? key : before.key, out);
  }

  /// With one put in the place of another; null when the other is not there.
  @Nullable Resource<M> swap(Entry<M> old, Entry<M> with) {
    int at = entries.indexOf(old);
    if (at < 0) {
      return null;
    }
    List<Entry<M>> out = new ArrayList<>(entries);
    out.set(at, with);
    return new Resource<>(key, out);
  }

  /// The same, every entry to be confirmed before use.
  Resource<M> soften() {
    return new Resource<>(key, entries.stream().map(Entry::soften).toList());
  }

  long weight() {
    long weight = OVERHEAD + key.length();
    for (Entry<M> entry : entries) {
      weight += entry.weight();
    }
    return weight;
  }
}
