package dev.freshet.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.base.ByteSize;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.edge.Edge;
import dev.freshet.recording.Recorder;
import dev.freshet.recording.RecordingOrder;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The recording of a running Freshet: one at a time, begun and ended by the admin API.
final class Recordings implements AutoCloseable {
  private static final Set<String> KEYS =
      Set.of("file", "for", "max-file", "max-text", "max-content", "keep");
  private final Edge edge;
  private final SecureRandom chance;
  private @Nullable Recorder recorder;

  Recordings(Edge edge, SecureRandom chance) {
    this.edge = edge;
    this.chance = chance;
  }

  /// What `GET /recording` says.
  synchronized Object status() {
    Recorder last = recorder;
    return last == null ? Map.of("isOn", false, "ended", "nothing was recorded") : last.status();
  }

  /// What `POST /recording` asks for; throws [IllegalArgumentException] for what is no order.
  synchronized Object order(JsonNode node) {
    if (node.path("stop").asBoolean() && node.size() == 1) {
      return stop();
    }
    RecordingOrder order = read(node);
    Recorder last = recorder;
    if (last != null && last.status().isOn()) {
      throw new Trouble.Found(
          new Trouble(
              "recording",
              "traffic is being recorded already, into " + last.status().file(),
              "wait for its end, or stop it with {\"stop\": true}"));
    }
    byte[] key = new byte[32];
    chance.nextBytes(key);
    Recorder begun =
        Recorder.start(order, key, Time.system(), Version.text(), () -> edge.record(null));
    edge.record(begun);
    if (!begun.status().isOn()) {
      // It ended before it had begun: the disk is full.
      edge.record(null);
    }
    recorder = begun;
    return begun.status();
  }

  private Object stop() {
    Recorder last = recorder;
    if (last == null) {
      throw new IllegalArgumentException("nothing is being recorded");
    }
    try {
      return last.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return last.status();
    }
  }

  private static RecordingOrder read(JsonNode node) {
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (!KEYS.contains(entry.getKey())) {
        throw new IllegalArgumentException(
            "'" + entry.getKey() + "' is not a key; known: stop, " + String.join(", ", KEYS));
      }
    }
    if (!node.path("file").isTextual()) {
      throw new IllegalArgumentException("send {\"file\": \"/tmp/traffic.frec\"}, or stop");
    }
    RecordingOrder plain = RecordingOrder.of(Path.of(node.path("file").asText()));
    return new RecordingOrder(
        plain.file(),
        said(node, "for", Durations::parse, plain.lasting()),
        said(node, "max-file", ByteSize::parse, plain.maxFile()),
        said(node, "max-text", ByteSize::parse, plain.maxText()),
        said(node, "max-content", ByteSize::parse, plain.maxContent()),
        names(node.path("keep")));
  }

  private static <T> T said(JsonNode node, String key, Function<String, T> reading, T plain) {
    JsonNode value = node.path(key);
    if (value.isMissingNode()) {
      return plain;
    }
    try {
      return reading.apply(value.asText());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
    }
  }

  private static Set<String> names(JsonNode list) {
    if (!list.isMissingNode() && !list.isArray()) {
      throw new IllegalArgumentException("keep: write a list of strings");
    }
    Set<String> out = new LinkedHashSet<>();
    list.forEach(name -> out.add(name.asText()));
    return out;
  }

  /// Ends what is on; it is written to its end.
  @Override
  public synchronized void close() {
    if (recorder != null) {
      recorder.close();
    }
  }
}
