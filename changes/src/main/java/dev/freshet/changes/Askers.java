package dev.freshet.changes;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Gathers who asks, so that one question to the database answers everybody who had asked before it
/// was put; until it is all over. Shares the lock of whoever puts it.
final class Askers<A> {
  private final ReentrantLock lock;
  private final Condition work;
  private List<CompletableFuture<A>> waiting = new ArrayList<>();
  private boolean isOver;

  /// @param work is signalled when somebody asks, and when it is all over
  Askers(ReentrantLock lock, Condition work) {
    this.lock = lock;
    this.work = work;
  }

  /// Fails when it is all over.
  CompletableFuture<A> ask() {
    CompletableFuture<A> asked = new CompletableFuture<>();
    lock.lock();
    try {
      if (!isOver) {
        waiting.add(asked);
        work.signal();
        return asked;
      }
    } finally {
      lock.unlock();
    }
    asked.completeExceptionally(new IllegalStateException("the feed is not attached"));
    return asked;
  }

  boolean isEmpty() {
    lock.lock();
    try {
      return waiting.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  boolean isOver() {
    lock.lock();
    try {
      return isOver;
    } finally {
      lock.unlock();
    }
  }

  /// Those whom the next answer is for.
  List<CompletableFuture<A>> take() {
    lock.lock();
    try {
      List<CompletableFuture<A>> taken = waiting;
      waiting = new ArrayList<>();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /// Of those taken, whoever has no answer yet gets none.
  static <A> void refuse(List<CompletableFuture<A>> taken, Exception why) {
    taken.forEach(asked -> asked.completeExceptionally(why));
  }

  /// Nobody is answered from now on.
  void end() {
    List<CompletableFuture<A>> unanswered;
    lock.lock();
    try {
      isOver = true;
      unanswered = take();
      work.signalAll();
    } finally {
      lock.unlock();
    }
    refuse(unanswered, new IllegalStateException("the feed was detached"));
  }
}
