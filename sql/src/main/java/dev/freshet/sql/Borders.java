package dev.freshet.sql;

/// Tells which semicolons end a statement, token by token: not those in parentheses (rules have
/// such), nor those in a routine's body between BEGIN ATOMIC and END.
final class Borders {
  private static final long CREATE = Words.code("create");
  private static final long OR = Words.code("or");
  private static final long REPLACE = Words.code("replace");
  private static final long FUNCTION = Words.code("function");
  private static final long PROCEDURE = Words.code("procedure");
  private static final long BEGIN = Words.code("begin");
  private static final long ATOMIC = Words.code("atomic");
  private static final long END = Words.code("end");

  private enum State {
    START,
    AFTER_CREATE,
    PLAIN,
    /// In CREATE FUNCTION, before its body.
    ROUTINE,
    AFTER_BEGIN,
    /// In the body.
    ATOMIC,
    /// In the body, where a statement of it would begin: END here is the body's.
    ATOMIC_STATEMENT
  }

  private State state = State.START;
  private int depth;

  /// Takes the next token; true when it ends a statement. Leave out white space and comments.
  boolean ends(byte[] sql, SqlLexer at) {
    SqlLexer.Kind kind = at.kind();
    if (kind == SqlLexer.Kind.MARK) {
      return endsAt(at.first());
    }
    if (state != State.PLAIN) {
      state = state(kind == SqlLexer.Kind.WORD ? Words.code(sql, at.start(), at.end()) : 0);
    }
    return false;
  }

  private boolean endsAt(byte mark) {
    if (mark == '(') {
      depth++;
    } else if (mark == ')') {
      depth = Math.max(0, depth - 1);
    } else if (mark == ';' && depth == 0) {
      if (state == State.ATOMIC || state == State.ATOMIC_STATEMENT) {
        state = State.ATOMIC_STATEMENT;
        return false;
      }
      state = State.START;
      return true;
    }
    if (state != State.PLAIN) {
      state = state(0);
    }
    return false;
  }

  private State state(long word) {
    return switch (state) {
      case START -> word == CREATE ? State.AFTER_CREATE : State.PLAIN;
      case AFTER_CREATE -> {
        if (word == FUNCTION || word == PROCEDURE) {
          yield State.ROUTINE;
        }
        yield word == OR || word == REPLACE ? State.AFTER_CREATE : State.PLAIN;
      }
      case ROUTINE -> word == BEGIN && depth == 0 ? State.AFTER_BEGIN : State.ROUTINE;
      case AFTER_BEGIN -> word == ATOMIC ? State.ATOMIC_STATEMENT : State.ROUTINE;
      case ATOMIC_STATEMENT -> word == END && depth == 0 ? State.PLAIN : State.ATOMIC;
      case ATOMIC -> State.ATOMIC;
      case PLAIN -> State.PLAIN;
    };
  }
}
