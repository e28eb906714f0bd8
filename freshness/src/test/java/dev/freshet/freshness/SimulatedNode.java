package dev.freshet.freshness;

import dev.freshet.base.FakeTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A node of [SimulatedWorld]: a feed that is told step by step, fills and answers, and what it
/// says of itself in the list of nodes.
final class SimulatedNode {
  static final long LEASE = 1_000;

  /// Fills are for a query, and see what is visible at some moment between begin and end.
  static final class Fill {
    final Dependency query;
    Freshness.AsOf asOf;
    @Nullable Set<SimulatedWorld.Transaction> seen;

    /// What was published before it read; -1 where that is not noted.
    long since = -1;

    Fill(Dependency query, Freshness.AsOf asOf) {
      this.query = query;
      this.asOf = asOf;
    }
  }

  /// An answer in memory.
  record Answer(Set<SimulatedWorld.Transaction> seen, Evidence evidence) {}

  /// A look at the list that is under way.
  private record Look(long number, long end, List<Nodes.Entry> found) {}

  final FakeTime time = new FakeTime(0);
  final Freshness freshness;
  final Nodes nodes;
  final List<Fill> fills = new ArrayList<>();
  final Map<Dependency, Answer> answers = new HashMap<>();

  /// Which others have seen it in the list since it entered.
  final Set<SimulatedNode> knownTo = new HashSet<>();

  boolean isCut;
  private final String id;
  private final int speed;
  private final SimulatedWorld world;
  private boolean isAttached;
  private Nodes.@Nullable Entry entry;
  private @Nullable Look look;
  private long start = -1;
  private long floor = -1;
  private int folded;
  private int published;
  private long publishedTo;
  private long heard;
  private long noteSince;
  private long notePosition = -1;

  /// @param speed of its clock, in percent above the slowest there is
  SimulatedNode(String id, int speed, SimulatedWorld world) {
    this.id = id;
    this.speed = speed;
    this.world = world;
    boolean isAlone = world.has(SimulatedWorld.Fault.FENCE_FOR_ONE_NODE);
    this.freshness =
        new Freshness(
            64, isAlone ? Set.of(Freshness.Rule.EVERY_NODE_BEFORE_ACKNOWLEDGED) : Set.of(), time);
    this.nodes = new Nodes(id, LEASE, time);
    freshness.feed().meets(nodes);
    say(null);
  }

  Nodes.@Nullable Entry entry() {
    return isCut ? null : entry;
  }

  private void say(@Nullable Long position) {
    entry = new Nodes.Entry(10, id, position, LEASE);
  }

  void advance(long nanos) {
    time.advance(Duration.ofNanos(nanos * (100 + speed) / 100));
    nodes.settle();
  }

  boolean hasPublished(SimulatedWorld.Transaction t) {
    return world.log.indexOf(t) < published;
  }

  // ---- the feed ----

  /// The next step towards being attached.
  void goOnAttaching() {
    if (isCut || isAttached) {
      return;
    }
    if (start < 0) {
      world.makeAllVisible();
      start = world.end;
    } else if (entry == null || entry.position() == null) {
      boolean isLate = world.has(SimulatedWorld.Fault.ENTERS_AFTER_LOOKING);
      floor = isLate ? start : -1;
      say(isLate ? start : 0L);
      knownTo.clear();
    } else {
      heard = time.nanos();
      floor = floor < 0 ? world.end : floor;
      int count = (int) world.log.stream().filter(t -> t.position < start).count();
      folded = count;
      published = count;
      publishedTo = start;
      notePosition = -1;
      lease();
      freshness.feed().attach(1, start, floor, () -> CompletableFuture.completedFuture(world.end));
      isAttached = true;
      rename();
    }
  }

  private void lease() {
    if (!world.has(SimulatedWorld.Fault.NO_LEASE)) {
      freshness.feed().until(heard + LEASE);
    }
  }

  void lose() {
    freshness.feed().detach();
    isAttached = false;
    start = -1;
    floor = -1;
    say(null);
  }

  void fold() {
    if (isCut || !isAttached || folded == world.log.size()) {
      return;
    }
    world.fold(freshness.feed(), world.log.get(folded++));
  }

  void publish() {
    if (isCut || !isAttached) {
      return;
    }
    while (published < folded) {
      SimulatedWorld.Transaction next = world.log.get(published);
      if (!next.isVisible && !world.has(SimulatedWorld.Fault.NOT_AWAITING_VISIBILITY)) {
        return;
      }
      published++;
      publishTo(next.position + 9);
    }
    boolean isNotePassed =
        notePosition >= 0
            && (published == world.log.size() || world.log.get(published).position > notePosition);
    if (isNotePassed) {
      publishTo(notePosition);
      heard = noteSince;
      notePosition = -1;
      lease();
    }
  }

  private void publishTo(long position) {
    publishedTo = Math.max(publishedTo, position);
    freshness.feed().publish(publishedTo);
  }

  void note() {
    if (!isCut && isAttached && notePosition < 0) {
      noteSince = time.nanos();
      notePosition = world.end;
    }
  }

  // ---- the list of nodes ----

  void rename() {
    if (!isCut && isAttached) {
      say(Math.max(publishedTo, floor));
    }
  }

  void look() {
    if (isCut) {
      look = null;
      nodes.outOfSight();
      return;
    }
    Look before = look;
    if (before == null) {
      look = new Look(nodes.look(), world.end, world.list());
      return;
    }
    look = null;
    nodes.seen(before.number, before.end, before.found);
    for (Nodes.Entry found : before.found) {
      if (found.position() != null) {
        world.node(found.id()).knownTo.add(this);
      }
    }
  }

  /// Shows what it has until its lease is over, and does not know better.
  void cut() {
    if (isAttached && knownTo.containsAll(world.nodes)) {
      isCut = true;
      look = null;
    }
  }

  void heal() {
    if (isCut) {
      isCut = false;
      lose();
    }
  }
}
