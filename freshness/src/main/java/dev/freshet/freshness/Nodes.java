package dev.freshet.freshness;

import dev.freshet.base.Time;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/* Why a write that one node has acknowledged is seen at all of them.
 *
 * The nodes on one database meet in the list of sessions that its server keeps: each has an entry
 * there, which says up to where the node has published and is gone when its session is. Let a
 * transaction be committed at position c, and its writer ask node A for his answer. A looks at the
 * list after that, and holds the answer for every other node B:
 *
 * - B isn't in the list. B enters itself first, then asks how far the log goes, and vouches for
 *   nothing before that place ([Freshness.Feed#attach]): neither for what it makes nor for what it
 *   finds in a tier that it shares with others. It asks after the commit, so that place is
 *   behind c.
 * - B is in the list. A waits until B's entry says that it has published c. Entries run behind the
 *   truth and never ahead of it.
 * - B doesn't get on, or is gone from the list. At any moment B shows only what is as new as its
 *   lease is long: it must have published a note that it had begun to write no longer ago than
 *   that, by its own clock, which is looked at for every answer ([Freshness.Feed#until]). So when
 *   the lease has gone by since A was asked, B has published c or shows nothing. A takes an eighth
 *   more, because clocks run at different speeds; none is compared with another. A node that is
 *   gone is remembered until its lease has gone by since then. B's entry says how long it is.
 *
 * What a list says of a node is said by sessions, and any session may call itself what it likes. So
 * entries are told apart by the role that they were made by as well: a session of another role can
 * hold answers back, and can't let any go before the node itself has published.
 *
 * So an answer is held for a lease and an eighth at most, whatever befalls the others. What
 * remains is a node that A never saw: one whose session ended without its knowing, which takes a
 * network that is cut, and that had entered or A begun between two looks at the list.
 */

/// What a node knows of the others on the same database, and who waits for them.
public final class Nodes {
  /// Clocks differ in speed by less than an eighth.
  private static final int DRIFT = 8;

  /// Beyond this nobody is noted any more.
  static final int MAX_WAITING = 100_000;

  private final String self;
  private final long leaseNanos;
  private final Time time;
  private final Map<Who, Other> others = new HashMap<>();
  private final Set<Waiting> waiting = new LinkedHashSet<>();
  private volatile Runnable wake = () -> {};
  private volatile boolean hasMet;

  /// Until something else is known.
  private boolean isInSight = true;

  private long looks;

  /// An entry of the list.
  ///
  /// @param role of the session that it was found at: a node's id can be read by everybody, and
  ///   said by everybody, but only by a session of the node's own role is it taken for what it says
  /// @param id of the node, no other's
  /// @param position so far it has published; null while it shows nothing
  /// @param leaseNanos nothing that it shows is older
  public record Entry(long role, String id, @Nullable Long position, long leaseNanos) {
    private Who who() {
      return new Who(role, id);
    }
  }

  private record Who(long role, String id) {}

  private static final class Other {
    final Entry entry;
    final boolean isListed;
    final long gone;

    Other(Entry entry, boolean isListed, long gone) {
      this.entry = entry;
      this.isListed = isListed;
      this.gone = gone;
    }
  }

  private static final class Waiting {
    final long since;
    final long look;
    final boolean withSelf;
    final CompletableFuture<Void> out = new CompletableFuture<>();
    @Nullable Long position;
    boolean isPositionKnown;
    boolean isSeen;

    Waiting(long since, long look, boolean withSelf) {
      this.since = since;
      this.look = look;
      this.withSelf = withSelf;
    }
  }

  /// @param self this node's id
  /// @param leaseNanos what the others' leases are taken for as long as they can't be seen
  public Nodes(String self, long leaseNanos, Time time) {
    this.self = self;
    this.leaseNanos = leaseNanos;
    this.time = time;
  }

  public String self() {
    return self;
  }

  // ---- who writes ----

  /// Completes when no other node shows a state before the position.
  ///
  /// Never, when too many wait.
  ///
  /// @param head behind everything that is to be seen; null for the end of the log at the next look
  /// @param withSelf whether this node is waited for by its entry too
  CompletableFuture<Void> passed(@Nullable CompletableFuture<Long> head, boolean withSelf) {
    Waiting one;
    synchronized (this) {
      one = new Waiting(time.nanos(), looks + 1, withSelf);
      // Before anybody can look for it: the look that finds it tells where it has to be.
      one.isPositionKnown = head == null;
      if (waiting.size() < MAX_WAITING) {
        waiting.add(one);
      }
    }
    if (head != null) {
      var _ = head.whenComplete((position, failure) -> located(one, position));
    }
    wake.run();
    return one.out;
  }

  /// Only this one may be let go by that.
  private void located(Waiting one, @Nullable Long position) {
    boolean isFree;
    synchronized (this) {
      one.position = position;
      one.isPositionKnown = true;
      isFree = !isHeld(one, time.nanos()) && waiting.remove(one);
    }
    if (isFree) {
      one.out.complete(null);
    }
  }

  // ---- who looks at the list ----

  /// @param again is called when somebody wants a look
  public void onWanted(Runnable again) {
    wake = again;
  }

  /// A look begins; gives its number for [#seen].
  public synchronized long look() {
    return ++looks;
  }

  /// What the look found.
  ///
  /// @param end of the log
  public void seen(long look, long end, List<Entry> listed) {
    long now = time.nanos();
    synchronized (this) {
      isInSight = true;
      others.replaceAll((id, other) -> other.isListed ? new Other(other.entry, false, now) : other);
      for (Entry entry : listed) {
        others.merge(entry.who(), new Other(entry, true, now), Nodes::next);
        hasMet |= !entry.id().equals(self);
      }
      others.values().removeIf(other -> isPast(other, now));
      for (Waiting one : waiting) {
        if (one.look <= look) {
          one.isSeen = true;
          if (one.isPositionKnown && one.position == null) {
            one.position = end;
          }
        }
      }
    }
    settle();
  }

  /// A node's lease never becomes longer, and not every entry knows how short it has become.
  private static Other next(Other before, Other now) {
    long lease = Math.min(before.entry.leaseNanos(), now.entry.leaseNanos());
    Entry entry = new Entry(now.entry.role(), now.entry.id(), now.entry.position(), lease);
    return new Other(entry, now.isListed, now.gone);
  }

  private static boolean isPast(Other other, long now) {
    return !other.isListed
        && (other.entry.position() == null
            || now - other.gone > stretched(other.entry.leaseNanos()));
  }

  private static long stretched(long leaseNanos) {
    return leaseNanos + leaseNanos / DRIFT;
  }

  /// There is no list to look at.
  public void outOfSight() {
    synchronized (this) {
      isInSight = false;
    }
    settle();
  }

  /// Lets go whoever has waited for long enough; to be called now and then while somebody waits.
  public void settle() {
    List<Waiting> free = new ArrayList<>();
    synchronized (this) {
      long now = time.nanos();
      waiting.removeIf(one -> !isHeld(one, now) && free.add(one));
    }
    free.forEach(one -> one.out.complete(null));
  }

  private boolean isHeld(Waiting one, long now) {
    if (one.out.isDone()) {
      return false;
    }
    // Where nobody was ever met and there is no list to look at, nobody is waited for.
    boolean isHeld =
        !one.isSeen && (isInSight || hasMet) && now - one.since <= stretched(leaseNanos);
    for (Other other : others.values()) {
      isHeld |= isHeldFor(other, one, now);
    }
    return isHeld;
  }

  private boolean isHeldFor(Other other, Waiting one, long now) {
    Entry entry = other.entry;
    Long shown = entry.position();
    boolean isConcerned = one.withSelf || !entry.id().equals(self);
    if (!isConcerned
        || shown == null
        || now - one.since > stretched(entry.leaseNanos())
        || isPast(other, now)) {
      return false;
    }
    Long position = one.position;
    return !one.isSeen || position == null || Long.compareUnsigned(shown, position) < 0;
  }

  /// Whether somebody waits.
  public synchronized boolean isAwaited() {
    return !waiting.isEmpty();
  }

  /// Whether another node was ever there.
  public boolean hasMet() {
    return hasMet;
  }

  /// Whether another node is there, or may be.
  public synchronized boolean isAccompanied() {
    return others.keySet().stream().anyMatch(who -> !who.id().equals(self));
  }

  /// Whether this node goes before the others in the list, where one of all has to do something.
  /// All who see the same list agree; each goes first for as many things as any other.
  public synchronized boolean isFirstFor(String what) {
    long mine = rank(self, what);
    return others.values().stream()
        .filter(other -> other.isListed && !other.entry.id().equals(self))
        .allMatch(other -> mine < rank(other.entry.id(), what));
  }

  private static long rank(String id, String what) {
    long mixed = (id.hashCode() + 31L * what.hashCode()) * 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ (mixed >>> 29)) * 0xBF58476D1CE4E5B9L;
    return mixed ^ (mixed >>> 32);
  }

  /// How many others are in the list.
  public synchronized int listed() {
    return (int)
        others.values().stream()
            .filter(other -> other.isListed && !other.entry.id().equals(self))
            .count();
  }
}
