package dev.freshet.recording;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.base.Bounded;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Makes the lines of a recording, masked. Used by one thread.
final class Entries {
  private static final Set<String> READS = Set.of("GET", "HEAD", "OPTIONS");
  private static final Set<String> WRITES = Set.of("POST", "PUT", "PATCH", "DELETE");
  private static final Set<String> SCHEMES = Set.of("basic", "bearer", "digest");
  private static final Pattern RANGE = Pattern.compile("bytes=[0-9]{0,12}-[0-9]{0,12}");
  private static final Pattern TYPE = Pattern.compile("[a-z]{1,20}/[a-z.+-]{1,40}");
  private static final int MOST_MASKED = 50;
  private static final int MOST_KNOWN = 2_048;
  private static final int LONGEST_KNOWN = 1_000;
  private final Masking masking;
  private final long maxContent;
  private final Octets line = new Octets();

  /// Sites are asked for the same things again and again, which are masked in the same way.
  private final Map<Head, byte[]> known = Bounded.byUse(MOST_KNOWN);

  private long contentsLeft;

  /// All that a line of a request without content is made of, but for when and whose it is.
  private record Head(String method, String host, String target, Sighting.Said said) {
    boolean isShort() {
      return method.length() + host.length() + target.length() + said.length() <= LONGEST_KNOWN;
    }
  }

  Entries(Masking masking, long maxContent) {
    this.masking = masking;
    this.maxContent = maxContent;
  }

  /// The first line.
  ///
  /// @param by the version that records
  static ObjectNode head(long millis, String by, Set<String> keep) {
    ObjectNode line = RecordingFile.line();
    line.put("frec", RecordingFile.VERSION);
    line.put("began", Instant.ofEpochMilli(millis).toString());
    line.put("by", by);
    ArrayNode names = line.putArray("keep");
    new TreeSet<>(keep).forEach(names::add);
    return line;
  }

  /// A request; good until the next line is made.
  ///
  /// @param at microseconds since the recording began
  Octets asked(long number, int session, long at, Sighting sighting) {
    byte[] rest = rest(sighting);
    line.clear().text("{\"q\":").number(number).text(",\"s\":").number(session);
    // Behind the brace with which the rest begins.
    return line.text(",\"at\":").thousandths(at).text(",").octets(rest, 1);
  }

  private byte[] rest(Sighting sighting) {
    if (sighting.content().octets() > 0) {
      return made(sighting);
    }
    Sighting.Said said = sighting.said();
    Head head =
        new Head(
            sighting.method(),
            sighting.host(),
            sighting.target(),
            new Sighting.Said(
                said.accept(),
                said.language(),
                said.range(),
                scheme(said.authorization()),
                said.hasCookie(),
                said.isAjax(),
                said.isStream()));
    byte[] made = known.get(head);
    if (made == null) {
      made = made(sighting);
      if (head.isShort()) {
        known.put(head, made);
      }
    }
    return made;
  }

  private byte[] made(Sighting sighting) {
    Set<String> masked = new TreeSet<>();
    ObjectNode line = RecordingFile.line();
    String method = sighting.method();
    boolean isWrite = WRITES.contains(method);
    line.put("m", isWrite || READS.contains(method) ? method : "OTHER");
    line.put("h", masking.host(sighting.host()));
    line.put("t", masking.target(sighting.target(), masked::add));
    said(sighting.said(), line);
    if (sighting.content().octets() > 0 && isWrite) {
      content(sighting.content(), line, masked::add);
    }
    masked.remove("");
    if (!masked.isEmpty()) {
      ArrayNode names = line.putArray("masked");
      masked.stream().limit(MOST_MASKED).forEach(names::add);
    }
    return RecordingFile.octets(line);
  }

  /// What was remembered of requests is gone.
  void forget() {
    known.clear();
  }

  private static void said(Sighting.Said said, ObjectNode line) {
    put(line, "accept", said.accept() == null ? "" : Masking.accept(said.accept()));
    put(line, "language", said.language() == null ? "" : Masking.language(said.language()));
    String range = said.range();
    put(line, "range", range != null && RANGE.matcher(range).matches() ? range : "");
    put(line, "auth", scheme(said.authorization()));
    flag(line, "cookie", said.hasCookie());
    flag(line, "ajax", said.isAjax());
    flag(line, "stream", said.isStream());
  }

  private static String scheme(@Nullable String authorization) {
    if (authorization == null) {
      return "";
    }
    int space = authorization.indexOf(' ');
    String scheme = authorization.substring(0, Math.max(0, space)).toLowerCase(Locale.ROOT);
    return SCHEMES.contains(scheme) ? scheme : "other";
  }

  private void content(Sighting.Content content, ObjectNode line, Consumer<String> masked) {
    String type = content.type() == null ? "" : content.type().toLowerCase(Locale.ROOT);
    int parameters = type.indexOf(';');
    String bare = (parameters < 0 ? type : type.substring(0, parameters)).strip();
    String text = content.text();
    String shown = null;
    if (text != null && content.octets() <= maxContent && !content.isCoded()) {
      byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
      String read = new String(octets, StandardCharsets.UTF_8);
      if (bare.equals("application/x-www-form-urlencoded")) {
        shown = masking.form(read, masked);
      } else if (bare.equals("application/json") || bare.endsWith("+json")) {
        shown = masking.json(read, masked);
      }
    }
    put(line, "type", TYPE.matcher(bare).matches() && !Telltale.in(bare) ? bare : "");
    if (shown != null) {
      line.put("body", shown);
    } else {
      contentsLeft++;
      line.put("left", content.octets());
    }
  }

  /// How many contents could not be recorded.
  long contentsLeft() {
    return contentsLeft;
  }

  /// An answer, complete; good until the next line is made.
  Octets answered(long number, int session, Answer answer) {
    line.clear().text("{\"a\":").number(number).text(",\"s\":").number(session);
    line.text(",\"ms\":").thousandths(Math.max(0, Math.round(answer.nanos() / 1e3)));
    line.text(",\"status\":").number(answer.status());
    line.text(",\"octets\":").number(answer.octets());
    return line.text(answer.isHit() ? ",\"hit\":true}" : "}");
  }

  /// A session of which all is there.
  static ObjectNode ended(int session) {
    return RecordingFile.line().put("end", session);
  }

  /// A session of which something got lost.
  static ObjectNode left(int session) {
    return RecordingFile.line().put("out", session);
  }

  /// The last line.
  static ObjectNode over(long at, RecordingStatus status) {
    ObjectNode line = RecordingFile.line();
    line.put("over", at / 1e3);
    line.put("requests", status.requests());
    line.put("sessions", status.sessions());
    line.put("leftOut", status.leftOut());
    line.put("why", status.ended());
    return line;
  }

  private static void put(ObjectNode line, String name, String value) {
    if (!value.isEmpty()) {
      line.put(name, value);
    }
  }

  private static void flag(ObjectNode line, String name, boolean value) {
    if (value) {
      line.put(name, true);
    }
  }
}
