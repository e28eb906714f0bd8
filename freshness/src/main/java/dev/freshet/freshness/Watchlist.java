package dev.freshet.freshness;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/* Why nobody is overlooked.
 *
 * The feed books a change in LastChanges first and notes its mark here second. Who watches is
 * entered here first and looks at his evidence ([Freshness#isCurrent]) second. So for any change
 * either the look comes after the booking and sees it, or the note comes after the entry and
 * finds it.
 */

/// Finds those whose answers may have changed without looking at everybody's: what the feed told
/// since the last look, held against what each depends on.
///
/// @param <T> who watches; told apart by `equals`
public final class Watchlist<T> implements AutoCloseable {
  /// Marks noted between two looks; beyond, everybody counts as hit.
  private static final int MAX_NOTED = 1 << 16;

  private final Runnable told;
  private final LongSupplier published;
  private final Consumer<Watchlist<?>> leave;
  private final Map<Long, List<T>> byMark = new HashMap<>();
  private final Map<T, Evidence> watching = new HashMap<>();
  private volatile boolean isWatched;

  private final Object notes = new Object();

  /// A mark and its position, in turn.
  private long[] noted = new long[64];

  private int size;
  private boolean everybody;

  /// What was noted up to here was thrown away: when it has become visible, everybody looks again.
  private long lostUpTo;

  /// @param told when it is time to look; on the feed's thread, so it must be short
  /// @param published the position up to which changes are visible
  Watchlist(Runnable told, LongSupplier published, Consumer<Watchlist<?>> leave) {
    this.told = told;
    this.published = published;
    this.leave = leave;
  }

  /// Watches what the answer was made from, and no longer what was watched for the same before.
  /// Look at the evidence afterwards: it may have changed already.
  public synchronized void watch(T who, Evidence evidence) {
    isWatched = true;
    forget(who);
    watching.put(who, evidence);
    for (long mark : evidence.allMarks()) {
      byMark.computeIfAbsent(mark, m -> new ArrayList<>(1)).add(who);
    }
  }

  public synchronized void forget(T who) {
    Evidence before = watching.remove(who);
    if (before == null) {
      return;
    }
    for (long mark : before.allMarks()) {
      List<T> all = byMark.get(mark);
      if (all != null && all.remove(who) && all.isEmpty()) {
        byMark.remove(mark);
      }
    }
  }

  /// Who may have been hit by what was published since the last call; each still has to look at its
  /// evidence. What is known to have changed and not visible to all yet is kept for the next call.
  public synchronized Collection<T> suspects() {
    long[] marks = taken();
    if (marks == null) {
      return List.copyOf(watching.keySet());
    }
    LinkedHashSet<T> out = new LinkedHashSet<>();
    for (long mark : marks) {
      List<T> all = byMark.get(mark);
      if (all != null) {
        out.addAll(all);
      }
    }
    return out;
  }

  private long @Nullable [] taken() {
    long visible = published.getAsLong();
    synchronized (notes) {
      long[] out = new long[size / 2];
      int found = 0;
      int kept = 0;
      for (int i = 0; i < size; i += 2) {
        if (Long.compareUnsigned(noted[i + 1], visible) <= 0) {
          out[found++] = noted[i];
        } else {
          noted[kept++] = noted[i];
          noted[kept++] = noted[i + 1];
        }
      }
      boolean isAll = everybody;
      everybody = isAll && Long.compareUnsigned(lostUpTo, visible) > 0;
      size = kept;
      if (kept == 0 && noted.length > 4_096) {
        noted = new long[64];
      }
      return isAll ? null : Arrays.copyOf(out, found);
    }
  }

  /// Something under the mark changed; its booking is done.
  void note(long mark, long position) {
    if (!isWatched) {
      return;
    }
    synchronized (notes) {
      if (size >= 2 * MAX_NOTED) {
        everybody = true;
        lostUpTo = position;
        size = 0;
      }
      if (size == noted.length) {
        noted = Arrays.copyOf(noted, size * 2);
      }
      noted[size++] = mark;
      noted[size++] = position;
    }
  }

  /// Nothing can be taken for granted: the feed came, went, or begins anew.
  void noteEverybody() {
    synchronized (notes) {
      everybody = true;
    }
  }

  void tell() {
    told.run();
  }

  @Override
  public void close() {
    leave.accept(this);
  }
}
