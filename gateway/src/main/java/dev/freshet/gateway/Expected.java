package dev.freshet.gateway;

import dev.freshet.pgwire.Tag;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What a server connection still owes, in order: one item for each message that has an answer of
/// its own. Since a server answers in order, the head of this queue says whose answer the next
/// message is.
final class Expected {
  /// What was asked for.
  enum Kind {
    /// ParseComplete, for the client.
    PARSE,
    /// ParseComplete, for us.
    PARSE_OURS,
    BIND,
    CLOSE,
    /// CloseComplete, for us.
    CLOSE_OURS,
    /// RowDescription or NoData.
    DESCRIBE,
    /// CommandComplete, EmptyQueryResponse or PortalSuspended.
    EXECUTE,
    /// ReadyForQuery.
    SYNC,
    /// Any number of results, then ReadyForQuery.
    QUERY,
    /// The result of a function, then ReadyForQuery.
    CALL,
    /// As [#QUERY], for us.
    QUERY_OURS,
    /// ParseComplete, which we say in its turn.
    FAKE_PARSE,
    /// CloseComplete, which we say in its turn.
    FAKE_CLOSE,
    /// Nothing: here the client ended a COPY before we knew that it was one.
    COPY_END
  }

  private Kind[] kinds = new Kind[16];
  private @Nullable Object[] about = new @Nullable Object[16];
  private @Nullable Running[] running = new @Nullable Running[16];
  private int head;
  private int size;
  private int readies;

  /// How many ReadyForQuery have been asked for, ever: each ends a round.
  private long rounds;

  /// Whether the query at the head has had a result, without which it can't end.
  private boolean isAnswered;

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  /// Whether ReadyForQuery is to come: until then nobody knows how the transaction stands behind
  /// it.
  boolean isReadyToCome() {
    return readies > 0;
  }

  /// The number of the round that what is sent next belongs to.
  long round() {
    return rounds;
  }

  /// How many rounds have been answered to their end.
  long answered() {
    return rounds - readies;
  }

  private static boolean isReady(Kind kind) {
    return kind == Kind.SYNC || isQuery(kind);
  }

  void add(Kind kind, @Nullable Object what, @Nullable Running which) {
    if (isReady(kind)) {
      readies++;
      rounds++;
    }
    if (size == kinds.length) {
      grow();
    }
    int at = (head + size++) & (kinds.length - 1);
    kinds[at] = kind;
    about[at] = what;
    running[at] = which;
  }

  private void grow() {
    Kind[] more = new Kind[kinds.length * 2];
    @Nullable Object[] moreAbout = new @Nullable Object[kinds.length * 2];
    @Nullable Running[] moreRunning = new @Nullable Running[kinds.length * 2];
    for (int i = 0; i < size; i++) {
      int at = (head + i) & (kinds.length - 1);
      more[i] = kinds[at];
      moreAbout[i] = about[at];
      moreRunning[i] = running[at];
    }
    kinds = more;
    about = moreAbout;
    running = moreRunning;
    head = 0;
  }

  @Nullable Kind head() {
    return size == 0 ? null : kinds[head];
  }

  @Nullable Object headAbout() {
    return size == 0 ? null : about[head];
  }

  /// The statement that the head is the execution of, where somebody counts.
  @Nullable Running headRunning() {
    return size == 0 ? null : running[head];
  }

  /// Who looks at the rows that the head gives.
  @Nullable Gleaning headGleaning() {
    Running at = headRunning();
    return at == null ? null : at.gleaning();
  }

  /// The statement that the head prepares or binds, where that is known.
  @Nullable Reading headReading() {
    return switch (headAbout()) {
      case Reading bound -> bound;
      case Preparation known -> known.reading();
      case Skipped.Preparing preparing -> preparing.called().reading();
      case Skipped.Naming naming -> naming.called().reading();
      case Skipped.Unnaming unnaming -> unnaming.mark().reading();
      case null, default -> null;
    };
  }

  boolean isFakeNext() {
    Kind next = head();
    return next == Kind.FAKE_PARSE || next == Kind.FAKE_CLOSE || next == Kind.COPY_END;
  }

  /// Whether the server may say that now, which then counts as said.
  boolean accepts(byte tag) {
    boolean fits = fits(tag);
    isAnswered |=
        fits
            && (tag == Tag.COMMAND_COMPLETE
                || tag == Tag.EMPTY_QUERY
                || tag == Tag.FUNCTION_RESULT
                || tag == Tag.ERROR);
    return fits;
  }

  /// What may be said at any time fits always, an error too.
  private boolean fits(byte tag) {
    Kind kind = head();
    return switch (tag) {
      case Tag.NOTICE, Tag.NOTIFICATION, Tag.PARAMETER_STATUS, Tag.ERROR -> true;
      case Tag.PARSE_COMPLETE -> kind == Kind.PARSE || kind == Kind.PARSE_OURS;
      case Tag.BIND_COMPLETE -> kind == Kind.BIND;
      case Tag.CLOSE_COMPLETE -> kind == Kind.CLOSE || kind == Kind.CLOSE_OURS;
      case Tag.PARAMETER_DESCRIPTION -> kind == Kind.DESCRIBE;
      case Tag.ROW_DESCRIPTION, Tag.NO_DATA -> kind == Kind.DESCRIBE || givesRows(kind);
      case Tag.READY_FOR_QUERY -> kind == Kind.SYNC || (isQuery(kind) && isAnswered);
      case Tag.PORTAL_SUSPENDED -> kind == Kind.EXECUTE;
      case Tag.FUNCTION_RESULT -> kind == Kind.CALL;
      case Tag.DATA_ROW,
          Tag.COMMAND_COMPLETE,
          Tag.EMPTY_QUERY,
          Tag.COPY_IN,
          Tag.COPY_OUT,
          Tag.COPY_DATA,
          Tag.COPY_DONE ->
          givesRows(kind);
      default -> false;
    };
  }

  private static boolean givesRows(@Nullable Kind kind) {
    return kind == Kind.EXECUTE || isQuery(kind);
  }

  private static boolean isQuery(@Nullable Kind kind) {
    return kind == Kind.QUERY || kind == Kind.CALL || kind == Kind.QUERY_OURS;
  }

  void poll() {
    Running was = running[head];
    readies -= isReady(kinds[head]) ? 1 : 0;
    isAnswered = false;
    about[head] = null;
    running[head] = null;
    head = (head + 1) & (kinds.length - 1);
    size--;
    if (was != null) {
      was.over();
    }
  }

  /// After an error the server skips everything up to Sync.
  ///
  /// @param takenBack told of each message that now was not heeded, the last one first
  /// @return false when no Sync is there yet
  boolean skipToSync(Consumer<Skipped> takenBack) {
    List<Skipped> skipped = new ArrayList<>();
    while (size > 0 && kinds[head] != Kind.SYNC) {
      if (about[head] instanceof Skipped what) {
        skipped.add(what);
      }
      poll();
    }
    skipped.reversed().forEach(takenBack);
    return size > 0;
  }

  /// A server in COPY ignores Sync: takes out those that were sent before the client ended it.
  ///
  /// @return true when the client has ended it already
  boolean dropSyncsOfCopy() {
    Kind[] keptKinds = new Kind[size];
    @Nullable Object[] keptAbout = new @Nullable Object[size];
    @Nullable Running[] keptRunning = new @Nullable Running[size];
    int kept = 0;
    long before = rounds - readies;
    boolean ended = false;
    for (int i = 0; i < size; i++) {
      int at = (head + i) & (kinds.length - 1);
      boolean isEnd = kinds[at] == Kind.COPY_END;
      if (ended || !(isEnd || kinds[at] == Kind.SYNC)) {
        keptKinds[kept] = kinds[at];
        keptRunning[kept] = running[at];
        keptAbout[kept++] = about[at];
      }
      ended |= isEnd;
    }
    empty();
    head = 0;
    rounds = before;
    for (int i = 0; i < kept; i++) {
      add(keptKinds[i], keptAbout[i], keptRunning[i]);
    }
    return ended;
  }

  /// Nothing of it will come.
  void clear() {
    while (size > 0) {
      poll();
    }
    empty();
  }

  private void empty() {
    Arrays.fill(about, null);
    Arrays.fill(running, null);
    size = 0;
    readies = 0;
  }
}
