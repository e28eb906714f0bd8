package dev.freshet.gateway;

import dev.freshet.sql.SqlComment;
import dev.freshet.sql.SqlScript;
import dev.freshet.sql.Statement;
import dev.freshet.sql.Verb;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a query's text does to the session that runs it: settings to carry along, and state that
/// can't be carried.
///
/// @param verb of the first statement
/// @param count of statements
/// @param pins to set before it runs
/// @param changes once it has succeeded
/// @param steps those of each statement, where there are several
/// @param asksSequence whether it reads `currval` or `lastval`
/// @param changesMeaning whether texts prepared behind it may mean something else
/// @param defines whether they may to everybody, once it has been committed
record Traits(
    Verb verb,
    int count,
    Set<Pin> pins,
    List<Change> changes,
    List<List<Change>> steps,
    boolean asksSequence,
    boolean changesMeaning,
    boolean defines) {
  private static final Map<Verb, Traits> PLAIN = new EnumMap<>(Verb.class);

  static {
    for (Verb verb : Verb.values()) {
      boolean defines = defines(verb);
      PLAIN.put(verb, new Traits(verb, 1, Set.of(), List.of(), List.of(), false, defines, defines));
    }
  }

  private static boolean defines(Verb verb) {
    return verb == Verb.CREATE || verb == Verb.ALTER || verb == Verb.DROP;
  }

  private static final Pattern STATEFUL =
      Pattern.compile("\\b(?:pg_(?:try_)?advisory_lock(?:_shared)?|set_config|setseed|pg_temp)\\b");

  /// Settings may be made in the view that shows them.
  private static final Pattern SHOWN =
      Pattern.compile(
          "\\bupdate\\s+(?:only\\s+)?(?:\"?pg_catalog\"?\\s*\\.\\s*)?\"?pg_settings\\b");

  /// `set_config` of a setting that is not who the session is.
  private static final Pattern NAMED =
      Pattern.compile("set_config\\s*\\(\\s*'(?!role'|session_authorization')[^']*'");

  private static final Pattern SEQUENCE = Pattern.compile("\\b(?:currval|lastval)\\b");
  private static final Pattern TEMPORARY =
      Pattern.compile(
          "\\b(?:create\\s+(?:or\\s+replace\\s+)?|into\\s+)(?:local\\s+|global\\s+)?temp");
  private static final Pattern HELD = Pattern.compile("\\bwith\\s+hold\\b");

  /// The changes of one of its statements.
  List<Change> step(int index) {
    if (count <= 1) {
      return changes;
    }
    return index < steps.size() ? steps.get(index) : List.of();
  }

  /// Whether it leaves the session as it was, and texts with the meaning they had.
  boolean isPlain() {
    return pins.isEmpty() && changes.isEmpty() && !asksSequence && !changesMeaning;
  }

  /// Whether nothing is prepared any more when it has succeeded, also where its transaction is
  /// rolled back.
  boolean forgets() {
    for (Change each : changes) {
      if (each instanceof Change.DeallocateAll || each instanceof Change.DiscardAll) {
        return true;
      }
    }
    return false;
  }

  /// @param said without comments at its ends
  static Traits of(byte[] said, Statement read) {
    // Between two words a comment is as good as a space.
    byte[] text = SqlComment.without(said);
    if (read.count() <= 1) {
      return one(read.verb(), text);
    }
    EnumSet<Pin> pins = EnumSet.noneOf(Pin.class);
    List<Change> changes = new ArrayList<>();
    List<List<Change>> steps = new ArrayList<>();
    boolean asks = false;
    boolean means = false;
    boolean defines = false;
    for (SqlScript.Part part : SqlScript.read(text, 0, text.length).parts()) {
      Statement statement = Statement.read(text, part.from(), part.to());
      Traits each = one(statement.verb(), statement.text());
      pins.addAll(each.pins());
      changes.addAll(each.changes());
      steps.add(each.changes());
      asks |= each.asksSequence();
      means |= each.changesMeaning();
      defines |= each.defines();
    }
    return new Traits(
        read.verb(),
        read.count(),
        Set.copyOf(pins),
        List.copyOf(changes),
        List.copyOf(steps),
        asks,
        means,
        defines);
  }

  private static Traits one(Verb verb, byte[] text) {
    EnumSet<Pin> pins = EnumSet.noneOf(Pin.class);
    List<Change> changes = new ArrayList<>();
    switch (verb) {
      case LISTEN -> pins.add(Pin.LISTEN);
      case PREPARE -> pins.add(Pin.SQL_PREPARE);
      case SET -> learn(Change.ofSet(text), pins, changes);
      case RESET -> learn(Change.ofReset(text), pins, changes);
      case DISCARD -> discard(text, changes);
      case DEALLOCATE -> {
        if (lower(text).matches("deallocate\\s+(?:prepare\\s+)?all")) {
          changes.add(new Change.DeallocateAll());
        }
      }
      case DECLARE -> {
        if (HELD.matcher(lower(text)).find()) {
          pins.add(Pin.HELD_CURSOR);
        }
      }
      case OTHER -> {
        if (lower(text).startsWith("load ")) {
          pins.add(Pin.LOAD);
        }
      }
      default -> {}
    }
    boolean asks = false;
    if (mayHideState(text)) {
      String lower = lower(text);
      hidden(lower, pins);
      asks = SEQUENCE.matcher(lower).find();
    }
    boolean defines = defines(verb);
    boolean means =
        verb == Verb.SET_LOCAL
            ? Change.localBearsOnMeaning(text)
            : defines || changes.stream().anyMatch(Change::bearsOnMeaning);
    Traits plain = PLAIN.get(verb);
    return plain != null
            && pins.isEmpty()
            && changes.isEmpty()
            && !asks
            && means == plain.changesMeaning()
        ? plain
        : new Traits(
            verb, 1, Set.copyOf(pins), List.copyOf(changes), List.of(), asks, means, defines);
  }

  private static void learn(@Nullable Change change, Set<Pin> pins, List<Change> changes) {
    if (change == null) {
      pins.add(Pin.SETTING);
    } else {
      changes.add(change);
    }
  }

  private static void discard(byte[] text, List<Change> changes) {
    if (lower(text).matches("discard\\s+all")) {
      changes.add(new Change.DiscardAll());
    }
  }

  private static void hidden(String lower, Set<Pin> pins) {
    var found = STATEFUL.matcher(lower);
    while (found.find()) {
      if (found.group().equals("set_config") && !isNamed(lower, found.start())) {
        pins.add(Pin.IDENTITY);
      }
      pins.add(
          switch (found.group().charAt(0)) {
            case 's' -> Pin.SETTING;
            default -> found.group().equals("pg_temp") ? Pin.TEMPORARY : Pin.ADVISORY_LOCK;
          });
    }
    if (SHOWN.matcher(lower).find()) {
      pins.add(Pin.SETTING);
      pins.add(Pin.IDENTITY);
    }
    if (TEMPORARY.matcher(lower).find()) {
      pins.add(Pin.TEMPORARY);
    }
  }

  private static boolean isNamed(String lower, int at) {
    return NAMED.matcher(lower).region(at, lower.length()).lookingAt();
  }

  private static String lower(byte[] text) {
    return new String(text, StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
  }

  private static final byte[][] SIGNS =
      Arrays.stream(
              new String[] {
                "visory_l", "et_config", "etseed", "g_setti", "g_temp", "urrval", "astval", " temp"
              })
          .map(s -> s.getBytes(StandardCharsets.US_ASCII))
          .toArray(byte[][]::new);

  /// A quick look whether the slow ones are worth it; white space counts as a space.
  private static boolean mayHideState(byte[] text) {
    for (int i = 0; i < text.length; i++) {
      int b = text[i] <= ' ' ? ' ' : text[i] | 0x20;
      if (b == 'v' || b == 'e' || b == 'g' || b == 'u' || b == 'a' || b == ' ') {
        for (byte[] sign : SIGNS) {
          if (sign[0] == b && isAt(text, i, sign)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static boolean isAt(byte[] text, int at, byte[] sign) {
    if (at + sign.length > text.length) {
      return false;
    }
    for (int i = 1; i < sign.length; i++) {
      int b = sign[i] == '_' ? text[at + i] : text[at + i] | 0x20;
      if (b != sign[i]) {
        return false;
      }
    }
    return true;
  }
}
