package dev.freshet.recording;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.base.Trouble;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/// Reads a recording's lines one after the other; holds one at a time.
public final class Lines implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LONGEST = 16 << 20;
  private static final int BUFFER = 65_536;
  private final Path path;
  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER];
  private int from;
  private int to;
  private long number;
  private boolean isBroken;

  private Lines(Path path, InputStream in) {
    this.path = path;
    this.in = in;
  }

  /// Opens a file, compressed or not, and reads its first line; throws [Trouble.Found] where that
  /// is none of a recording.
  public static Lines open(Path path) {
    try {
      InputStream file = new BufferedInputStream(Files.newInputStream(path), BUFFER);
      Lines lines = new Lines(path, unpacked(file));
      try {
        lines.checkFirst();
      } catch (RuntimeException e) {
        lines.close();
        throw e;
      }
      return lines;
    } catch (IOException e) {
      throw new Trouble.Found(
          new Trouble(
              path.toString(), "it can't be read (" + e + ")", "name a file of freshet record"));
    }
  }

  private static InputStream unpacked(InputStream file) throws IOException {
    file.mark(2);
    int first = file.read();
    int second = file.read();
    file.reset();
    return first == 0x1f && second == 0x8b ? new GZIPInputStream(file, BUFFER) : file;
  }

  private void checkFirst() {
    String first = text();
    JsonNode head;
    try {
      head = first == null ? JSON.createObjectNode() : JSON.readTree(first);
    } catch (JsonProcessingException e) {
      head = JSON.createObjectNode();
    }
    JsonNode version = head.path("frec");
    if (!version.isInt()) {
      throw new Trouble.Found(
          new Trouble(path.toString(), "it is no recording", "name a file of freshet record"));
    }
    if (version.intValue() != RecordingFile.VERSION) {
      throw new Trouble.Found(
          new Trouble(
              path.toString(),
              "it is a recording of version "
                  + version
                  + ", and this Freshet reads version "
                  + RecordingFile.VERSION,
              "use the Freshet that recorded it, or record again"));
    }
  }

  /// The next line; null behind the last whole one.
  public @Nullable Line next() {
    while (true) {
      String text = text();
      if (text == null) {
        return null;
      }
      Line line = parsed(text);
      if (line != null) {
        return line;
      }
    }
  }

  /// The next line as it stands there, the first one left out; null behind the last whole one.
  public @Nullable String text() {
    ByteArrayOutputStream begun = null;
    while (true) {
      for (int i = from; i < to; i++) {
        if (buffer[i] == '\n') {
          String text = text(begun, i);
          from = i + 1;
          number++;
          return text;
        }
      }
      begun = begun == null ? new ByteArrayOutputStream() : begun;
      begun.write(buffer, from, to - from);
      from = 0;
      to = Math.max(0, fill());
      if (to == 0) {
        isBroken |= begun.size() > 0;
        return null;
      }
      if (begun.size() > LONGEST) {
        throw trouble("a line does not end");
      }
    }
  }

  private String text(@Nullable ByteArrayOutputStream begun, int end) {
    if (begun == null) {
      return new String(buffer, from, end - from, StandardCharsets.UTF_8);
    }
    begun.write(buffer, from, end - from);
    return begun.toString(StandardCharsets.UTF_8);
  }

  private int fill() {
    try {
      return in.read(buffer);
    } catch (EOFException | ZipException e) {
      isBroken = true;
      return -1;
    } catch (IOException e) {
      throw new Trouble.Found(
          new Trouble(path.toString(), "it can't be read on (" + e + ")", "look at the disk"));
    }
  }

  /// Whether the file breaks off or is damaged where [#next] gave null.
  public boolean isBroken() {
    return isBroken;
  }

  private Trouble.Found trouble(String what) {
    return new Trouble.Found(
        new Trouble(path + ":" + (number + 1), what, "record again, or mend the line"));
  }

  /// Null for a kind of line that is not known: a later version may add some.
  private @Nullable Line parsed(String text) {
    JsonNode node;
    try {
      node = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      number--;
      throw trouble("this is no line of a recording");
    }
    if (node.has("q")) {
      return asked(node);
    }
    if (node.has("a")) {
      return new Line.Answered(
          node.path("a").asLong(),
          node.path("s").asInt(),
          node.path("ms").asDouble(),
          node.path("status").asInt(),
          node.path("hit").asBoolean(),
          node.path("octets").asLong());
    }
    if (node.has("end")) {
      return new Line.Ended(node.path("end").asInt());
    }
    if (node.has("out")) {
      return new Line.Out(node.path("out").asInt());
    }
    return node.has("over")
        ? new Line.Over(node.path("over").asDouble(), node.path("why").asText())
        : null;
  }

  private static Line.Asked asked(JsonNode node) {
    List<String> masked = new ArrayList<>();
    node.path("masked").forEach(name -> masked.add(name.asText()));
    boolean isRecorded = node.has("body");
    return new Line.Asked(
        node.path("q").asLong(),
        node.path("s").asInt(),
        node.path("at").asDouble(),
        node.path("m").asText(),
        node.path("h").asText(),
        node.path("t").asText(),
        new Line.Said(
            node.path("accept").asText(),
            node.path("language").asText(),
            node.path("range").asText(),
            node.path("auth").asText(),
            node.path("cookie").asBoolean(),
            node.path("ajax").asBoolean(),
            node.path("stream").asBoolean()),
        isRecorded || node.has("left")
            ? new Line.Content(
                node.path("type").asText(), isRecorded ? node.path("body").asText() : null)
            : null,
        masked);
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      System.getLogger("freshet.recording").log(System.Logger.Level.DEBUG, "closing", e);
    }
  }
}
