package dev.freshet.gateway;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Follows a session's settings through its transactions: what a statement set counts when the
/// transaction has committed, and is undone when it has not.
final class SessionChanges {
  /// What the session began with, and goes back to by RESET.
  private final SessionSettings base;

  private SessionSettings settings;
  private final List<Change> open = new ArrayList<>();
  private boolean rolledBack;
  private boolean failed;
  private boolean unknown;
  private @Nullable Object unsettled;

  /// While there may be temporary tables, which hide others of their names from this session.
  private @Nullable Object hiding;

  /// Something was defined, or turned out to be another than it was.
  private boolean redefined;

  private final Runnable onRedefined;

  /// How many of the open ones count whatever becomes of the others.
  private int committed;

  /// How many of the open ones were looked at for what they lose.
  private int seen;

  /// How many statements of the simple query that is under way have been completed.
  private int step;

  private boolean isLosing;

  /// Whether anything was rolled back in this round, the whole transaction or a part.
  private boolean undone;

  /// @param onRedefined run when texts of everybody may mean something else
  SessionChanges(SessionSettings settings, Runnable onRedefined) {
    this.base = settings;
    this.settings = settings;
    this.onRedefined = onRedefined;
  }

  /// What became of them.
  ///
  /// @param unknown part of a transaction was undone, and nobody can tell which
  /// @param identity that may have been who the session is
  /// @param discarded the session is as new
  /// @param made what has been changed on the server connection for good
  /// @param lost what the session began with and must be made there again
  record Settled(
      boolean unknown, boolean identity, boolean discarded, List<Change> made, List<Change> lost) {}

  SessionSettings settings() {
    return settings;
  }

  /// What gives a text prepared now its meaning: the settings, or while they may be changing a mark
  /// of this session's own.
  Object scope() {
    Object own = unsettled != null ? unsettled : hiding;
    return own == null ? settings.meaning() : own;
  }

  /// A statement is under way.
  void booked(Traits traits) {
    if (traits.isPlain()) {
      return;
    }
    isLosing |= !traits.changes().isEmpty() && !base.lostBy(traits.changes()).isEmpty();
    if (traits.changesMeaning() && unsettled == null) {
      unsettled = new Object();
    }
    if (traits.pins().contains(Pin.TEMPORARY) && hiding == null) {
      hiding = new Object();
    }
    // Those of its own say nothing to others.
    redefined |= traits.defines() && hiding == null;
  }

  /// What was prepared earlier has other columns now.
  void redefined() {
    redefined = true;
  }

  /// Whether what the session began with may be lost, and the server has not said so yet: it has to
  /// be made again before more is sent.
  boolean isLosing(ServerAnswers answers) {
    isLosing &= answers.isBusy();
    return isLosing;
  }

  /// The transaction has ended, and nothing is under way.
  void over() {
    unsettled = null;
    if (redefined) {
      redefined = false;
      onRedefined.run();
    }
  }

  boolean areOpen() {
    return !open.isEmpty() || unknown;
  }

  void completed(String tag, List<Change> made) {
    // Whether that was all of a transaction or a part of it only ReadyForQuery tells.
    unknown |= rolledBack && !open.isEmpty();
    rolledBack = tag.equals("ROLLBACK");
    undone |= rolledBack;
    open.addAll(made);
    // DISCARD ALL runs in no transaction, and is over when it has been done.
    boolean isFinal = tag.equals("COMMIT") || tag.equals("DISCARD ALL");
    committed = isFinal ? open.size() : committed;
  }

  /// The next statement of a simple query is completed. Each counts by itself: what comes before a
  /// COMMIT in the middle outlasts what is rolled back behind it.
  void stepCompleted(String tag, Traits script) {
    completed(tag, script.step(step++));
  }

  /// A simple query with changes in it has ended.
  ///
  /// @return false when the server has counted other statements than were read, and it is not known
  ///   which of them count
  boolean scriptEnded(Traits traits) {
    return failed || step == Math.max(1, traits.count());
  }

  /// What was said up to ReadyForQuery has been dealt with.
  void roundOver() {
    failed = false;
    undone = false;
    step = 0;
  }

  void failed() {
    failed = true;
  }

  /// ReadyForQuery has come.
  Settled ready(byte status) {
    if (status != 'I') {
      unknown |= rolledBack;
      rolledBack = false;
      // What was lost may be there again where it was rolled back.
      List<Change> lost = status == 'T' && !undone ? lost(open.size()) : List.of();
      open.addAll(lost);
      seen = open.size();
      return new Settled(unknown, isIdentityUnknown(), false, List.of(), lost);
    }
    boolean was = unknown;
    boolean identity = isIdentityUnknown();
    // What failed, or was rolled back, is all that came since the last commit.
    int counting = rolledBack || failed ? committed : open.size();
    List<Change> made = List.copyOf(open.subList(0, counting));
    List<Change> lost = lost(counting);
    open.clear();
    committed = 0;
    seen = 0;
    rolledBack = false;
    unknown = false;
    made.forEach(change -> settings = settings.with(change));
    lost.forEach(change -> settings = settings.with(change));
    boolean discarded = made.stream().anyMatch(change -> change instanceof Change.DiscardAll);
    hiding = discarded ? null : hiding;
    return new Settled(was, identity, discarded, made, lost);
  }

  private List<Change> lost(int counting) {
    return base.lostBy(open.subList(Math.min(seen, counting), counting));
  }

  private boolean isIdentityUnknown() {
    return unknown && open.stream().anyMatch(Change::isOfIdentity);
  }
}
