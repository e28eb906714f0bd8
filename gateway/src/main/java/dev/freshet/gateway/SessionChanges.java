package dev.freshet.gateway;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Follows a session's settings through its transactions: what a statement set counts when the
/// transaction has committed, and is undone when it has not.
final class SessionChanges {
  private SessionSettings settings;
  private final List<Change> open = new ArrayList<>();
  private boolean rolledBack;
  private boolean failed;
  private boolean unknown;
  private @Nullable Object unsettled;

  SessionChanges(SessionSettings settings) {
    this.settings = settings;
  }

  /// What became of them.
  ///
  /// @param unknown part of a transaction was undone, and nobody can tell which
  /// @param identity that may have been who the session is
  /// @param discarded the session is as new
  record Settled(boolean unknown, boolean identity, boolean discarded) {}

  SessionSettings settings() {
    return settings;
  }

  /// What gives a text prepared now its meaning: the settings, or while they may be changing a mark
  /// of this session's own.
  Object scope() {
    Object own = unsettled;
    return own == null ? settings.meaning() : own;
  }

  /// A statement is under way.
  void booked(Traits traits) {
    if (traits.changesMeaning() && unsettled == null) {
      unsettled = new Object();
    }
  }

  /// The transaction has ended, and nothing is under way.
  void over() {
    unsettled = null;
  }

  boolean areOpen() {
    return !open.isEmpty() || unknown;
  }

  void completed(String tag, List<Change> made) {
    rolledBack = tag.equals("ROLLBACK");
    open.addAll(made);
  }

  /// A simple query with changes in it has ended.
  ///
  /// @return false when it failed half-way, and it is not known which of them count
  boolean scriptEnded(Traits traits) {
    boolean wasFailure = failed;
    failed = false;
    if (!wasFailure) {
      open.addAll(traits.changes());
      return true;
    }
    return traits.count() <= 1;
  }

  void clearFailure() {
    failed = false;
  }

  void failed() {
    failed = true;
  }

  Settled ready(byte status) {
    if (status != 'I') {
      unknown |= rolledBack;
      rolledBack = false;
      return new Settled(unknown, isIdentityUnknown(), false);
    }
    boolean identity = isIdentityUnknown();
    boolean discarded = false;
    if (!rolledBack) {
      for (Change change : open) {
        settings = settings.with(change);
        discarded |= change instanceof Change.DiscardAll;
      }
    }
    boolean was = unknown;
    open.clear();
    rolledBack = false;
    unknown = false;
    return new Settled(was, identity, discarded);
  }

  private boolean isIdentityUnknown() {
    return unknown && open.stream().anyMatch(Change::isOfIdentity);
  }
}
