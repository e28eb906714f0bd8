package dev.freshet.recording;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
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
  private final Masking masking;
  private final long maxContent;
  private long contentsLeft;

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

  /// A request.
  ///
  /// @param at microseconds since the recording began
  ObjectNode asked(long number, int session, long at, Sighting sighting) {
    Set<String> masked = new TreeSet<>();
    ObjectNode line = RecordingFile.line();
    line.put("q", number);
    line.put("s", session);
    line.put("at", at / 1e3);
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
    return line;
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

  /// An answer, complete.
  static ObjectNode answered(long number, int session, Answer answer) {
    ObjectNode line = RecordingFile.line();
    line.put("a", number);
    line.put("s", session);
    line.put("ms", Math.round(answer.nanos() / 1e3) / 1e3);
    line.put("status", answer.status());
    line.put("octets", answer.octets());
    flag(line, "hit", answer.isHit());
    return line;
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
