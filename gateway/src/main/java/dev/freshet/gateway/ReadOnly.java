package dev.freshet.gateway;

import dev.freshet.base.Time;
import dev.freshet.sql.Shape;
import dev.freshet.sql.Statement;
import dev.freshet.sql.Verb;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/* Why a statement in such a transaction may be answered from memory.
 *
 * Under READ COMMITTED every statement is shown what had been committed when it began, and nothing
 * else of the transaction bears on it as long as that writes nothing: asked outside the transaction
 * the same statement would get the same answer. So what is argued for statements by themselves
 * (Results, Freshness) holds for these, of what is said and of what is kept. Above READ COMMITTED
 * the first statement chooses what all of them see. Which of both it is nobody tells: the default
 * is the server's, and may change while a session lasts. Hence only where the session itself has
 * said so, in BEGIN or by a setting. The same goes for READ ONLY, which is what keeps functions
 * and rules from writing behind the back of a SELECT.
 *
 * Whatever else is said in the transaction ends that: a setting made for it, a savepoint, a cursor,
 * a statement that is not known to read and nothing else.
 *
 * The server ends transactions that it takes for idle, and hears nothing of what memory answers: so
 * now and then a statement is its own.
 */

/// Whether the transaction that a session has open is one that reads only, each statement by
/// itself.
final class ReadOnly {
  /// So long may the server hear nothing; shorter time-outs for idle transactions are for those who
  /// end whoever thinks for a moment.
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /// The last of several modes of one kind counts, so that there may be one of each at most.
  private static final Pattern MODES =
      Pattern.compile("isolation\\s+level|read\\s+(?:only|write)|(?:not\\s+)?deferrable");

  private static final Pattern READS_ONLY = Pattern.compile("\\bread\\s+only\\b");
  private static final Pattern BY_ITSELF =
      Pattern.compile("\\bisolation\\s+level\\s+read\\s+(?:un)?committed\\b");
  private static final Pattern COMMITTED = Pattern.compile("\\bread\\s+(?:un)?committed\\b");
  private static final Pattern TRUE =
      Pattern.compile("(?:\\bto\\b|=)\\s*'?(?:on|true|yes|1)'?\\s*$|\\bread\\s+only\\b");

  private final Time time;
  private final Shapes shapes;
  private boolean isOne;
  private boolean hasRun;
  private long heardNanos;

  ReadOnly(Time time, Shapes shapes) {
    this.time = time;
    this.shapes = shapes;
  }

  /// Whether memory may answer in it just now.
  boolean isOne() {
    return isOne && time.nanos() - heardNanos < SILENCE_NANOS;
  }

  /// A statement is sent to the server; null for one of which nothing is known.
  void runs(@Nullable Statement statement, SessionSettings settings) {
    // What ran before in the same go may have been the beginning, and have written.
    boolean isFirst = !hasRun;
    hasRun = true;
    if (statement == null || statement.count() != 1) {
      isOne = false;
    } else if (statement.verb() == Verb.BEGIN) {
      isOne = isFirst && begins(statement.normalised().toLowerCase(Locale.ROOT), settings);
    } else if (isOne) {
      isOne = shapes.of(statement) instanceof Shape.Reads;
    }
  }

  private static boolean begins(String words, SessionSettings settings) {
    Set<String> kinds = new HashSet<>();
    boolean isPlain =
        MODES.matcher(words).results().allMatch(mode -> kinds.add(kind(mode.group())));
    boolean isByItself =
        words.contains("isolation")
            ? BY_ITSELF.matcher(words).find()
            : says(settings.sql("default_transaction_isolation"), COMMITTED);
    boolean isReadOnly =
        READS_ONLY.matcher(words).find()
            || (!words.contains("read write")
                && says(settings.sql("default_transaction_read_only"), TRUE));
    return isPlain && isByItself && isReadOnly;
  }

  private static String kind(String mode) {
    return mode.startsWith("read")
        ? "access"
        : mode.startsWith("isolation") ? "level" : "deferrable";
  }

  private static boolean says(@Nullable String sql, Pattern wanted) {
    return sql != null && wanted.matcher(sql.toLowerCase(Locale.ROOT)).find();
  }

  /// ReadyForQuery has come.
  ///
  /// @param isMore something that was sent behind it is not answered yet
  void ready(byte status, boolean isMore) {
    isOne &= status == 'T' || isMore;
    hasRun = status != 'I' || isMore;
    if (isOne) {
      heardNanos = time.nanos();
    }
  }

  /// The session has no server connection any more.
  void lost() {
    isOne = false;
    hasRun = false;
  }
}
