package dev.freshet.load;

import dev.freshet.http.Fields;
import org.jspecify.annotations.Nullable;

/// One visit under way: who makes it, its cookies, and the call that is out. Touched by its event
/// loop only.
final class Session {
  final Round round;

  /// Whose connections its calls go to.
  final Pool pool;

  /// Whether it begins again when the visit is over.
  final boolean isUser;

  Visits.Visitor visitor;
  @Nullable Call call;

  /// Where the call is out; null while it waits for a connection.
  @Nullable Slot slot;

  long intended;
  long sent;

  /// When the head of its answer was there and more of it to come; 0 where all came at once.
  long headed;

  boolean isAgain;

  /// Told when a call is answered or given up, where somebody wants to know.
  @Nullable Runnable whenSettled;

  /// What the visitor's browser has kept; null for one who has none.
  @Nullable PrivateCache cache;

  /// Whether the browser had kept nothing when the call was made.
  boolean isFirst;

  /// Whose file this is; null for a call of the visitor's own.
  final @Nullable PageView view;

  /// What reads the answer as it comes; null where only the whole of it counts.
  final @Nullable EventStream stream;

  private final Jar jar;

  Session(Round round, Pool pool, boolean isUser, Visits.Visitor visitor) {
    this(round, pool, isUser, visitor, new Jar());
  }

  /// @param jar shared with other calls of the same visitor
  Session(Round round, Pool pool, boolean isUser, Visits.Visitor visitor, Jar jar) {
    this(round, pool, isUser, visitor, jar, null, null);
  }

  /// A file of a page that a visitor's browser loads.
  Session(Session parent, PageView view) {
    this(parent.round, parent.pool, false, () -> null, parent.jar, view, null);
  }

  /// A stream of events that a visitor follows.
  Session(Session parent, Pool pool, EventStream stream) {
    this(parent.round, pool, false, () -> null, parent.jar, null, stream);
  }

  private Session(
      Round round,
      Pool pool,
      boolean isUser,
      Visits.Visitor visitor,
      Jar jar,
      @Nullable PageView view,
      @Nullable EventStream stream) {
    this.round = round;
    this.pool = pool;
    this.isUser = isUser;
    this.visitor = visitor;
    this.jar = jar;
    this.view = view;
    this.stream = stream;
  }

  /// Whether the content of an answer is to be kept until it is whole.
  boolean keeps(Fields fields) {
    return call().wantsContent() || (cache != null && Reply.isPage(fields));
  }

  /// A call is to be made.
  void begin(Call next, long meant) {
    call = next;
    intended = meant;
    isAgain = false;
  }

  /// Begins another visit, as somebody without cookies.
  void restart(Visits.Visitor next) {
    visitor = next;
    jar.empty();
  }

  /// The call that is out.
  Call call() {
    Call out = call;
    if (out == null) {
      throw new IllegalStateException("no call is out");
    }
    return out;
  }

  void keep(Fields fields) {
    jar.keep(fields);
  }

  /// Value of `Cookie`; empty when there is none.
  String cookies() {
    return jar.line();
  }

  /// Its call is answered or given up.
  void settle() {
    Runnable next = whenSettled;
    if (next != null) {
      next.run();
    }
  }
}
