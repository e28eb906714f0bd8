package dev.freshet.freshness;

import dev.freshet.base.Rolls;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A database, its log, a feed, writers, fills and readers, one random step after another.
final class SimulatedWorld {
  private static final long TABLE = 1;
  private static final int ID = 1;
  private static final int GROUP = 2;
  private static final int ROWS = 6;
  private static final int GROUPS = 3;

  /// A rule to break.
  enum Fault {
    /// Publishes as soon as a transaction is folded.
    NOT_AWAITING_VISIBILITY,
    /// Takes the answer's position when it is complete.
    AS_OF_AT_THE_END,
    /// Acknowledges writes at once.
    NO_FENCE,
    /// Tells only the new value of a row.
    NEW_VALUES_ONLY
  }

  private static final class Transaction {
    final int row;
    final int from;
    final int to;
    final long position;
    boolean isVisible;
    boolean isPublished;
    boolean isAcknowledged;
    CompletableFuture<Boolean> fence = new CompletableFuture<>();

    Transaction(int row, int from, int to, long position) {
      this.row = row;
      this.from = from;
      this.to = to;
      this.position = position;
    }

    boolean touches(Dependency query) {
      Dependency.Rows rows = (Dependency.Rows) query;
      int value = Integer.parseInt(rows.value());
      return rows.column() == ID ? row == value : from == value || to == value;
    }
  }

  private static final class Fill {
    final Dependency query;
    Freshness.AsOf asOf;
    @Nullable Set<Transaction> seen;

    Fill(Dependency query, Freshness.AsOf asOf) {
      this.query = query;
      this.asOf = asOf;
    }
  }

  private record Answer(Set<Transaction> seen, Evidence evidence) {}

  private final Rolls rolls;
  private final Set<Fault> faults;
  private final Freshness freshness = new Freshness(64);
  private final int[] groupOf = new int[ROWS];
  private final List<Transaction> log = new ArrayList<>();
  private final List<Fill> fills = new ArrayList<>();
  private final Map<Dependency, Answer> answers = new HashMap<>();
  private final List<String> violations = new ArrayList<>();
  private long end = 10;
  private int folded;
  private int published;
  private int served;

  SimulatedWorld(long seed, Set<Fault> faults) {
    this.rolls = new Rolls(seed);
    this.faults = faults;
    attach();
  }

  private void attach() {
    freshness.feed().attach(1, end, () -> CompletableFuture.completedFuture(end));
  }

  List<String> violations() {
    return violations;
  }

  int served() {
    return served;
  }

  void run(int steps) {
    for (int i = 0; i < steps; i++) {
      step();
    }
  }

  private void step() {
    switch (rolls.between(0, 11)) {
      case 0 -> commit();
      case 1, 2 -> becomeVisible();
      case 3, 4 -> fold();
      case 5 -> publish();
      case 6 -> beginFill();
      case 7, 8 -> goOnWithFill();
      case 9, 10 -> serve();
      default -> {
        if (rolls.chance(0.02)) {
          loseFeed();
        }
      }
    }
    log.forEach(t -> t.isAcknowledged |= t.fence.isDone());
  }

  /// A writer holds its row until everybody can see what it did.
  private void commit() {
    int row = rolls.between(0, ROWS - 1);
    if (log.stream().anyMatch(t -> t.row == row && !t.isVisible)) {
      return;
    }
    int to = rolls.between(0, GROUPS - 1);
    log.add(new Transaction(row, groupOf[row], to, end + 1));
    groupOf[row] = to;
    end += 10;
  }

  private void becomeVisible() {
    List<Transaction> hidden = log.stream().filter(t -> !t.isVisible).toList();
    if (hidden.isEmpty()) {
      return;
    }
    Transaction now = rolls.oneOf(hidden);
    now.isVisible = true;
    if (faults.contains(Fault.NO_FENCE)) {
      now.fence.complete(true);
    } else {
      var _ = freshness.passed().thenAccept(now.fence::complete);
    }
  }

  private void fold() {
    if (folded == log.size()) {
      return;
    }
    Transaction next = log.get(folded++);
    Freshness.Feed feed = freshness.feed();
    feed.begin(next.position);
    feed.table(TABLE, next.position);
    for (int column : feed.watched(TABLE)) {
      feed.rows(TABLE, column, value(next, column, next.to), next.position);
      if (!faults.contains(Fault.NEW_VALUES_ONLY)) {
        feed.rows(TABLE, column, value(next, column, next.from), next.position);
      }
    }
    feed.settle();
  }

  private static String value(Transaction t, int column, int group) {
    return String.valueOf(column == ID ? t.row : group);
  }

  private void publish() {
    while (published < folded) {
      Transaction next = log.get(published);
      if (!next.isVisible && !faults.contains(Fault.NOT_AWAITING_VISIBILITY)) {
        return;
      }
      next.isPublished = true;
      published++;
      freshness.feed().publish(next.position + 9);
    }
  }

  /// What the feed had not told yet it never tells; a new one begins behind it.
  private void loseFeed() {
    freshness.feed().detach();
    if (log.stream().allMatch(t -> t.isVisible)) {
      log.forEach(t -> t.isPublished = true);
      folded = log.size();
      published = folded;
      attach();
    } else {
      log.stream().filter(t -> !t.isVisible).toList().forEach(t -> t.isVisible = true);
      loseFeed();
    }
  }

  private void beginFill() {
    Freshness.AsOf asOf = freshness.asOf();
    if (asOf != null && fills.size() < 4) {
      fills.add(new Fill(query(), asOf));
    }
  }

  private Dependency query() {
    return rolls.chance(0.5)
        ? new Dependency.Rows(TABLE, ID, String.valueOf(rolls.between(0, ROWS - 1)))
        : new Dependency.Rows(TABLE, GROUP, String.valueOf(rolls.between(0, GROUPS - 1)));
  }

  private void goOnWithFill() {
    if (fills.isEmpty()) {
      return;
    }
    Fill fill = rolls.oneOf(fills);
    Set<Transaction> seen = fill.seen;
    if (seen == null) {
      fill.seen = new HashSet<>(log.stream().filter(t -> t.isVisible).toList());
      return;
    }
    fills.remove(fill);
    if (faults.contains(Fault.AS_OF_AT_THE_END)) {
      Freshness.AsOf late = freshness.asOf();
      fill.asOf = late == null ? fill.asOf : late;
    }
    Evidence evidence = freshness.evidence(fill.asOf, List.of(fill.query));
    answers.put(fill.query, new Answer(seen, evidence));
  }

  private void serve() {
    answers.forEach((query, answer) -> {
      if (!freshness.isCurrent(answer.evidence)) {
        return;
      }
      served++;
      for (Transaction t : log) {
        boolean isPromised = t.isPublished || t.isAcknowledged;
        if (isPromised && t.touches(query) && !answer.seen.contains(t)) {
          violations.add(query + " was served without the transaction at " + t.position);
        }
      }
    });
  }
}
