package dev.freshet.sql;

import java.util.HashMap;
import java.util.Map;

/// What a statement sets out to do, by its first words. Opening parentheses before them are
/// skipped.
public enum Verb {
  SELECT,
  INSERT,
  UPDATE,
  DELETE,
  MERGE,
  /// Any statement behind common table expressions.
  WITH,
  VALUES,
  TABLE,
  COPY,
  /// BEGIN and START TRANSACTION.
  BEGIN,
  /// COMMIT and END.
  COMMIT,
  /// ROLLBACK and ABORT of the whole transaction.
  ROLLBACK,
  ROLLBACK_TO,
  SAVEPOINT,
  RELEASE,
  PREPARE_TRANSACTION,
  COMMIT_PREPARED,
  ROLLBACK_PREPARED,
  /// Lasts as long as the session.
  SET,
  /// SET LOCAL, SET TRANSACTION, SET CONSTRAINTS: lasts until the transaction ends.
  SET_LOCAL,
  RESET,
  DISCARD,
  SHOW,
  LISTEN,
  UNLISTEN,
  NOTIFY,
  PREPARE,
  EXECUTE,
  DEALLOCATE,
  DECLARE,
  FETCH,
  MOVE,
  CLOSE,
  EXPLAIN,
  CREATE,
  ALTER,
  DROP,
  TRUNCATE,
  LOCK,
  CALL,
  DO,
  GRANT,
  REVOKE,
  COMMENT,
  VACUUM,
  ANALYZE,
  CLUSTER,
  REINDEX,
  REFRESH,
  CHECKPOINT,
  /// Words that none of the above begin with.
  OTHER,
  /// Nothing but white space, comments and semicolons.
  EMPTY;

  private static final Map<Long, Verb> BY_WORD;
  private static final long LOCAL = Words.code("local");
  private static final long TRANSACTION = Words.code("transaction");
  private static final long CONSTRAINTS = Words.code("constraints");
  private static final long PREPARED = Words.code("prepared");
  private static final long WORK = Words.code("work");
  private static final long TO = Words.code("to");

  static {
    Map<Long, Verb> words = new HashMap<>();
    for (Verb verb : values()) {
      if (verb != OTHER && verb != EMPTY && verb.name().indexOf('_') < 0) {
        words.put(Words.code(verb.name()), verb);
      }
    }
    words.put(Words.code("start"), BEGIN);
    words.put(Words.code("end"), COMMIT);
    words.put(Words.code("abort"), ROLLBACK);
    words.put(Words.code("analyse"), ANALYZE);
    BY_WORD = Map.copyOf(words);
  }

  /// By the codes of the first three words, 0 where there is none.
  static Verb of(long first, long second, long third) {
    Verb verb = BY_WORD.getOrDefault(first, OTHER);
    return switch (verb) {
      case SET ->
          second == LOCAL || second == TRANSACTION || second == CONSTRAINTS ? SET_LOCAL : SET;
      case COMMIT -> second == PREPARED ? COMMIT_PREPARED : COMMIT;
      case ROLLBACK -> rollback(second, third);
      case PREPARE -> second == TRANSACTION && third == 0 ? PREPARE_TRANSACTION : PREPARE;
      default -> verb;
    };
  }

  private static Verb rollback(long second, long third) {
    if (second == PREPARED) {
      return ROLLBACK_PREPARED;
    }
    boolean isTo = second == TO || ((second == WORK || second == TRANSACTION) && third == TO);
    return isTo ? ROLLBACK_TO : ROLLBACK;
  }
}
