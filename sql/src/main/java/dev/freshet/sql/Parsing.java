package dev.freshet.sql;

import dev.freshet.base.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.sf.jsqlparser.parser.CCJSqlParser;
import net.sf.jsqlparser.parser.CCJSqlParserConstants;
import net.sf.jsqlparser.parser.CCJSqlParserTreeConstants;
import net.sf.jsqlparser.parser.Node;
import net.sf.jsqlparser.parser.ParseException;
import net.sf.jsqlparser.parser.StringProvider;
import org.jspecify.annotations.Nullable;

/// Asks JSqlParser where in a query the tables stand.
///
/// It is given our tokens rather than the text: constants and quoted names become plain ones, so
/// that no difference between its lexical rules and PostgreSQL's can hide a table. The answer is
/// taken from the grammar's own tree, which has a node for each table whatever it stands in; the
/// parser's collector of table names overlooks some places.
final class Parsing {

  /// In the parentheses of these, FROM is part of the call.
  private static final Set<String> FROM_INSIDE =
      Set.of("extract", "substring", "trim", "overlay", "position");

  static {
    // Its classes take a while to load: not within somebody's limit.
    root(parser("select a from b where c = 1"));
  }

  private final Tokens tokens;
  private final Scopes scopes;
  private final Duration limit;
  private final StringBuilder text = new StringBuilder();

  /// Where each token begins in the text.
  private final int[] starts;

  private Parsing(Tokens tokens, Scopes scopes, Duration limit) {
    this.tokens = tokens;
    this.scopes = scopes;
    this.limit = limit;
    this.starts = new int[tokens.size()];
  }

  /// The tokens with which a table's name begins.
  static Set<Integer> tables(Tokens tokens, Scopes scopes, Duration limit) throws Refusal {
    Parsing parsing = new Parsing(tokens, scopes, limit);
    parsing.write();
    Node root = parsing.parsed(false);
    if (root == null) {
      root = parsing.parsed(true);
    }
    if (root == null) {
      throw new Refusal(NotCacheable.NOT_UNDERSTOOD);
    }
    Set<Integer> found = new TreeSet<>();
    parsing.collect(root, found);
    parsing.crossCheck(found);
    return found;
  }

  private void write() {
    Arrays.fill(starts, -1);
    for (int i = 0; i < tokens.size(); i++) {
      String word = written(i);
      if (!word.isEmpty()) {
        text.append(text.isEmpty() ? "" : " ");
        starts[i] = text.length();
        text.append(word);
      }
      if (tokens.isMark(i, "(") && tokens.isWord(i - 1, "in")) {
        i = behindAllButLast(i);
      }
    }
  }

  /// Of a list of constants one is enough.
  private int behindAllButLast(int open) {
    int last = tokens.close(open) - 1;
    for (int i = open + 1; i <= last; i++) {
      boolean isConstant =
          switch (tokens.at(i).kind()) {
            case NUMBER, STRING, PARAMETER -> true;
            default -> tokens.isMark(i, ",");
          };
      if (!isConstant) {
        return open;
      }
    }
    return Math.max(open, last - 1);
  }

  private String written(int at) {
    Tokens.Token token = tokens.at(at);
    return switch (token.kind()) {
      case WORD -> word(at, token.text());
      case QUOTED -> "n" + at;
      case STRING -> tokens.isWord(at - 1, "uescape") ? "" : "'s'";
      case NUMBER -> "1";
      case PARAMETER -> "?";
      case OPERATOR -> operator(at, token.text());
      case MARK -> token.isMark(":") ? slice(at) : token.text();
      default -> token.text();
    };
  }

  /// Names that can be nothing else are replaced, as they may be keywords to the parser.
  private String word(int at, String word) {
    boolean isAlias =
        tokens.isWord(at - 1, "as")
            && !word.equals("not")
            && !word.equals("materialized")
            && !Known.TYPES.contains(word)
            && !Known.TYPE_TAILS.contains(word);
    boolean isSyntax =
        Known.KEYWORDS.contains(word)
            || Known.SYNTAX.contains(word)
            || Known.TYPES.contains(word)
            || Known.TYPE_TAILS.contains(word)
            || (word.equals("at") && tokens.isWord(at + 1, "time") && tokens.isWord(at + 2, "zone"))
            || (tokens.isMark(at + 1, "(") && !scopes.declares(at));
    if (isAlias || !isSyntax || tokens.isMark(at - 1, ".") || tokens.isMark(at + 1, ".")) {
      return "n" + at;
    }
    boolean isOnly =
        word.equals("only") && !tokens.isWord(at - 1, "rows") && !tokens.isWord(at - 1, "row");
    return isOnly || word.equals("uescape") ? "" : word;
  }

  private String operator(int at, String operator) {
    String known = Known.operator(operator);
    boolean isSign = operator.equals("+") || operator.equals("-") || operator.equals("*");
    if (known == null || isSign || hasOperand(at - 1)) {
      return known == null ? operator : known;
    }
    return "";
  }

  private boolean hasOperand(int at) {
    Tokens.Token token = tokens.at(at);
    return switch (token.kind()) {
      case WORD -> !tokens.isPlain(at) || !Known.KEYWORDS.contains(token.text()) || isEnd(at);
      case MARK -> token.isMark(")") || token.isMark("]");
      case OPERATOR, SPACE -> false;
      default -> true;
    };
  }

  private boolean isEnd(int at) {
    return tokens.isWord(at, "end");
  }

  /// Bounds of an array slice; the parser knows none.
  private String slice(int at) {
    return tokens.isMark(at - 1, "[") || tokens.isMark(at + 1, "]") ? "" : "+";
  }

  /// The tree, or null where the text is refused. On a thread of its own, as that is the only way
  /// to stop waiting; the flag makes it give up soon after. What took longer is refused also where
  /// it was done before this thread looked again.
  private @Nullable Node parsed(boolean isComplex) throws Refusal {
    CCJSqlParser parser = parser(text.toString());
    parser.withAllowComplexParsing(isComplex);
    List<Node> roots = new ArrayList<>();
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name("sql-shape")
            .unstarted(() -> {
              Node root = root(parser);
              synchronized (roots) {
                if (root != null) {
                  roots.add(root);
                }
              }
            });
    long began = Time.system().nanos();
    thread.start();
    boolean isDone = false;
    try {
      isDone = thread.join(limit);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!isDone || Time.system().nanos() - began > limit.toNanos()) {
      parser.interrupted = true;
      throw new Refusal(NotCacheable.TOO_SLOW);
    }
    synchronized (roots) {
      return roots.isEmpty() ? null : roots.getFirst();
    }
  }

  private static CCJSqlParser parser(String text) {
    return new CCJSqlParser(new StringProvider(text));
  }

  private static @Nullable Node root(CCJSqlParser parser) {
    try {
      parser.Statement();
      boolean isWhole =
          parser.token.kind == CCJSqlParserConstants.EOF
              || parser.getNextToken().kind == CCJSqlParserConstants.EOF;
      return isWhole ? parser.getASTRoot() : null;
    } catch (ParseException | RuntimeException | StackOverflowError e) {
      return null;
    }
  }

  private void collect(Node node, Set<Integer> found) throws Refusal {
    if (node.getId() == CCJSqlParserTreeConstants.JJTTABLENAME) {
      int at = token(node.jjtGetFirstToken().beginColumn - 1);
      if (!isStar(at)) {
        found.add(at);
      }
    }
    for (int i = 0; i < node.jjtGetNumChildren(); i++) {
      collect(node.jjtGetChild(i), found);
    }
  }

  private int token(int offset) throws Refusal {
    for (int i = 0; i < starts.length; i++) {
      if (starts[i] == offset && tokens.at(i).isName()) {
        return i;
      }
    }
    throw new Refusal(NotCacheable.NOT_UNDERSTOOD);
  }

  /// In `t.*` the name is that of something that stands elsewhere.
  private boolean isStar(int from) {
    int at = from + 1;
    while (tokens.isMark(at, ".") && tokens.at(at + 1).isName()) {
      at += 2;
    }
    return tokens.isMark(at, ".");
  }

  /// What follows FROM or JOIN must be among the tables found, else the parser took the query for
  /// something else.
  private void crossCheck(Set<Integer> found) throws Refusal {
    for (int i = 0; i < tokens.size(); i++) {
      if (!isFrom(i)) {
        continue;
      }
      int at = i + 1;
      while (tokens.isWord(at, "only") || tokens.isWord(at, "lateral") || tokens.isMark(at, "(")) {
        at++;
      }
      boolean isQuery =
          tokens.isWord(at, "select") || tokens.isWord(at, "values") || tokens.isWord(at, "with");
      int behind = at + 1;
      while (tokens.isMark(behind, ".")) {
        behind += 2;
      }
      if (!isQuery && !tokens.isMark(behind, "(") && !found.contains(at)) {
        throw new Refusal(NotCacheable.NOT_UNDERSTOOD);
      }
    }
  }

  private boolean isFrom(int at) {
    if (!tokens.isPlain(at) || tokens.isMark(at + 1, ".")) {
      return false;
    }
    if (tokens.isWord(at, "join")) {
      return true;
    }
    int open = tokens.open(at);
    boolean isInside = open > 0 && FROM_INSIDE.contains(tokens.at(open - 1).text());
    return tokens.isWord(at, "from") && !tokens.isWord(at - 1, "distinct") && !isInside;
  }
}
