package dev.freshet.freshness;

import dev.freshet.base.Rolls;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/// A database, its log, and some nodes with a feed, writers, fills, readers and a tier in common,
/// one random step after another.
final class SimulatedWorld {
  private static final long TABLE = 1;
  private static final int ID = 1;
  private static final int GROUP = 2;
  private static final int STOCK = 3;
  private static final int ROWS = 6;
  private static final int GROUPS = 3;

  /// In place of a group, of a row that is not there.
  private static final int GONE = -1;

  /// A rule to break.
  enum Fault {
    /// Publishes as soon as a transaction is folded.
    NOT_AWAITING_VISIBILITY,
    /// Takes the answer's position when it is complete.
    AS_OF_AT_THE_END,
    /// Acknowledges writes at once.
    NO_FENCE,
    /// Tells only the new value of a row.
    NEW_VALUES_ONLY,
    /// Acknowledges what it has published itself.
    FENCE_FOR_ONE_NODE,
    /// Enters itself in the list of nodes and vouches for what was before.
    ENTERS_AFTER_LOOKING,
    /// Shows what it has as long as it has heard nothing else.
    NO_LEASE,
    /// Takes a node that has left the list for one that shows nothing.
    FORGETS_WHO_IS_GONE,
    /// Tells no more than one of the columns that changed.
    ONE_COLUMN_ONLY,
    /// Tells the values of rows that come and go, and not that they did.
    MEMBERS_UNTOLD,
    /// Takes the position of a part when it has been read.
    SINCE_AFTER_READING,
    /// Tells no comparison's new result.
    TURNS_UNTOLD
  }

  static final class Transaction {
    final int row;
    final int from;
    final int to;
    final boolean isOfStock;
    final long position;
    boolean isVisible;
    boolean isAcknowledged;
    CompletableFuture<Boolean> fence = new CompletableFuture<>();

    Transaction(int row, int from, int to, boolean isOfStock, long position) {
      this.isOfStock = isOfStock;
      this.row = row;
      this.from = from;
      this.to = to;
      this.position = position;
    }

    boolean touches(Dependency query) {
      return switch (query) {
        case Dependency.Table table -> true;
        case Dependency.Rows(long table, int column, String text) -> {
          int value = Integer.parseInt(text);
          yield column == ID ? row == value : from == value || to == value;
        }
        case Dependency.Columns(
                Dependency.Whole of,
                List<Integer> columns,
                List<Comparison> comparisons,
                boolean _) ->
            touches(of)
                && (isOfMembers()
                    || updated().stream().anyMatch(columns::contains)
                    || comparisons.stream().anyMatch(this::turns));
      };
    }

    boolean turns(Comparison comparison) {
      int value = Integer.parseInt(comparison.value());
      return comparison.sign() == Comparison.Sign.EQUAL
          ? (from == value) != (to == value)
          : (from < value) != (to < value);
    }

    /// Whether the row came or went.
    boolean isOfMembers() {
      return from == GONE || to == GONE;
    }

    List<Integer> updated() {
      List<Integer> out = new ArrayList<>();
      if (isOfMembers()) {
        return out;
      }
      if (from != to) {
        out.add(GROUP);
      }
      if (isOfStock) {
        out.add(STOCK);
      }
      return out;
    }
  }

  /// What lies in the tier that all nodes share.
  private record Shared(Set<Transaction> seen, Freshness.AsOf asOf) {}

  final List<Transaction> log = new ArrayList<>();
  final List<SimulatedNode> nodes = new ArrayList<>();
  long end = 10;
  private final Rolls rolls;
  private final Set<Fault> faults;
  private final int[] groupOf = new int[ROWS];
  private final Map<Dependency, Shared> shared = new HashMap<>();
  private final List<String> violations = new ArrayList<>();
  private int served;

  SimulatedWorld(long seed, int count, Set<Fault> faults) {
    this.rolls = new Rolls(seed);
    this.faults = faults;
    for (int i = 0; i < count; i++) {
      nodes.add(new SimulatedNode("node " + i, 5 * i, this));
    }
  }

  boolean has(Fault fault) {
    return faults.contains(fault);
  }

  SimulatedNode node(String id) {
    return nodes.get(Integer.parseInt(id.substring("node ".length())));
  }

  List<String> violations() {
    return violations;
  }

  int served() {
    return served;
  }

  long acknowledged() {
    return log.stream().filter(t -> t.isAcknowledged).count();
  }

  void run(int steps) {
    for (int i = 0; i < steps; i++) {
      step(rolls.oneOf(nodes));
    }
  }

  private void step(SimulatedNode node) {
    switch (rolls.between(0, 18)) {
      case 0 -> commit();
      case 1, 2 -> becomeVisible(node);
      case 3, 4 -> node.fold();
      case 5 -> node.publish();
      case 6 -> beginFill(node);
      case 7, 8 -> goOnWithFill(node);
      case 9, 10 -> serve(node);
      case 11, 12 -> node.look();
      case 13 -> node.rename();
      case 14 -> node.note();
      case 15, 16 -> node.goOnAttaching();
      case 17 -> nodes.forEach(all -> all.advance(20));
      default -> misfortune(node);
    }
    log.forEach(t -> t.isAcknowledged |= t.fence.isDone());
  }

  private void misfortune(SimulatedNode node) {
    if (rolls.chance(0.02)) {
      node.lose();
    } else if (rolls.chance(0.03)) {
      node.cut();
    } else if (rolls.chance(0.05)) {
      node.heal();
    }
  }

  /// A writer holds its row until everybody can see what it did.
  private void commit() {
    int row = rolls.between(0, ROWS - 1);
    if (log.stream().anyMatch(t -> t.row == row && !t.isVisible)) {
      return;
    }
    boolean isThere = groupOf[row] != GONE;
    int to = isThere && rolls.chance(0.2) ? GONE : rolls.between(0, GROUPS - 1);
    boolean isOfStock = rolls.chance(0.5);
    int group = isThere && isOfStock && rolls.chance(0.7) ? groupOf[row] : to;
    log.add(new Transaction(row, groupOf[row], group, isOfStock, end + 1));
    groupOf[row] = group;
    end += 10;
  }

  private void becomeVisible(SimulatedNode node) {
    List<Transaction> hidden = log.stream().filter(t -> !t.isVisible).toList();
    if (hidden.isEmpty()) {
      return;
    }
    Transaction now = rolls.oneOf(hidden);
    now.isVisible = true;
    if (has(Fault.NO_FENCE)) {
      now.fence.complete(true);
    } else {
      var _ = node.freshness.passed().thenAccept(now.fence::complete);
    }
  }

  void makeAllVisible() {
    log.forEach(t -> t.isVisible = true);
  }

  void fold(Freshness.Feed feed, Transaction next) {
    feed.begin(next.position);
    feed.table(TABLE, next.position);
    if (next.isOfMembers() && !has(Fault.MEMBERS_UNTOLD)) {
      feed.members(TABLE, next.position);
    }
    for (int column : feed.watched(TABLE)) {
      if (next.to != GONE) {
        feed.rows(TABLE, column, value(next, column, next.to), next.position);
      }
      if (next.from != GONE && !has(Fault.NEW_VALUES_ONLY)) {
        feed.rows(TABLE, column, value(next, column, next.from), next.position);
      }
    }
    List<Integer> updated = next.updated();
    boolean isOne = faults.contains(Fault.ONE_COLUMN_ONLY) && updated.size() > 1;
    for (int column : isOne ? updated.subList(0, 1) : updated) {
      feed.updated(TABLE, column, next.position);
    }
    if (updated.contains(GROUP) && !has(Fault.TURNS_UNTOLD) && !feed.compared(TABLE).isEmpty()) {
      feed.turned(TABLE, GROUP, next.position, next::turns);
    }
    feed.settle();
  }

  private static String value(Transaction t, int column, int group) {
    return String.valueOf(column == ID ? t.row : group);
  }

  /// Who is there now, as a node sees it.
  List<Nodes.Entry> list() {
    List<Nodes.Entry> out = new ArrayList<>();
    for (SimulatedNode node : nodes) {
      Nodes.Entry entry = node.entry();
      if (entry != null) {
        out.add(entry);
      } else if (has(Fault.FORGETS_WHO_IS_GONE)) {
        out.add(new Nodes.Entry(10, node.nodes.self(), null, SimulatedNode.LEASE));
      }
    }
    return out;
  }

  private void beginFill(SimulatedNode node) {
    Freshness.AsOf asOf = node.freshness.asOf();
    if (asOf != null && node.fills.size() < 4) {
      node.fills.add(new SimulatedNode.Fill(query(), asOf));
    }
  }

  private Dependency query() {
    Dependency.Whole rows = rolls.chance(0.1) ? new Dependency.Table(TABLE) : rows();
    if (rolls.chance(0.6)) {
      return rows;
    }
    return rolls.chance(0.6)
        ? Dependency.Columns.of(rows, rolls.chance(0.5) ? List.of(STOCK) : List.of(GROUP, STOCK))
        : new Dependency.Columns(rows, List.of(STOCK), List.of(comparison()));
  }

  private Comparison comparison() {
    Comparison.Sign sign = rolls.chance(0.5) ? Comparison.Sign.EQUAL : Comparison.Sign.LESS;
    return new Comparison(GROUP, sign, String.valueOf(rolls.between(0, GROUPS - 1)));
  }

  private Dependency.Whole rows() {
    return rolls.chance(0.5)
        ? new Dependency.Rows(TABLE, ID, String.valueOf(rolls.between(0, ROWS - 1)))
        : new Dependency.Rows(TABLE, GROUP, String.valueOf(rolls.between(0, GROUPS - 1)));
  }

  private void goOnWithFill(SimulatedNode node) {
    if (node.fills.isEmpty()) {
      return;
    }
    SimulatedNode.Fill fill = rolls.oneOf(node.fills);
    Set<Transaction> seen = fill.seen;
    if (seen == null && fill.since < 0 && rolls.chance(0.3)) {
      fill.since = node.freshness.published();
      return;
    }
    if (seen == null) {
      fill.seen = new HashSet<>(log.stream().filter(t -> t.isVisible).toList());
      return;
    }
    node.fills.remove(fill);
    if (has(Fault.AS_OF_AT_THE_END)) {
      fill.asOf = Objects.requireNonNullElse(node.freshness.asOf(), fill.asOf);
    }
    long since = has(Fault.SINCE_AFTER_READING) ? node.freshness.published() : fill.since;
    Evidence evidence =
        since < 0
            ? node.freshness.evidence(fill.asOf, List.of(fill.query))
            : node.freshness.evidence(fill.asOf, Map.of(fill.query, since));
    node.answers.put(fill.query, new SimulatedNode.Answer(seen, evidence));
    shared.put(
        fill.query, new Shared(seen, new Freshness.AsOf(evidence.history(), evidence.asOf())));
  }

  private void serve(SimulatedNode node) {
    shared.forEach((query, answer) -> {
      if (!node.answers.containsKey(query) || rolls.chance(0.1)) {
        Evidence evidence =
            node.freshness.evidence(answer.asOf.history(), answer.asOf.position(), List.of(query));
        node.answers.put(query, new SimulatedNode.Answer(answer.seen, evidence));
      }
    });
    node.answers.forEach((query, answer) -> {
      if (!node.freshness.isCurrent(answer.evidence())) {
        return;
      }
      served++;
      for (Transaction t : log) {
        boolean isPromised = t.isAcknowledged || node.hasPublished(t);
        if (isPromised && t.touches(query) && !answer.seen().contains(t)) {
          violations.add(
              query
                  + (t.isAcknowledged ? " was served by " : " was served after its publication by ")
                  + node.nodes.self()
                  + (node.isCut ? ", cut off," : "")
                  + " without the transaction at "
                  + t.position
                  + ", as of "
                  + answer.evidence().asOf());
        }
      }
    });
  }
}
