package dev.freshet.load;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// Reads a stream of events (HTML standard, 9.2.6), however it is cut into pieces. Each event is a
/// [Reply] of which the content is its data; its name and id stand in the fields `event` and `id`.
final class EventReader {
  /// An event is larger than it may be.
  static final class TooLarge extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private static final FieldName EVENT = FieldName.of("event");
  private static final FieldName ID = FieldName.of("id");
  private static final String BYTE_ORDER_MARK = "\ufeff";
  private final int most;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(0);
  private final StringBuilder data = new StringBuilder(0);
  private String event = "";
  private String id = "";
  private boolean isFirstLine = true;
  private boolean wasReturn;

  /// @param most octets of an event, or of a line
  EventReader(int most) {
    this.most = most;
  }

  /// Takes some octets in.
  ///
  /// @param sink given each event that they end
  void read(byte[] octets, int from, int to, Consumer<Reply> sink) throws TooLarge {
    for (int i = from; i < to; i++) {
      byte b = octets[i];
      boolean endsPair = wasReturn && b == '\n';
      wasReturn = b == '\r';
      if (endsPair) {
        continue;
      }
      if (b == '\r' || b == '\n') {
        end(sink);
      } else {
        line.write(b);
        if (line.size() + data.length() > most) {
          throw new TooLarge();
        }
      }
    }
  }

  private void end(Consumer<Reply> sink) throws TooLarge {
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    if (isFirstLine) {
      isFirstLine = false;
      text = text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    }
    if (text.isEmpty()) {
      dispatch(sink);
      return;
    }
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    String value = colon < 0 ? "" : text.substring(colon + 1);
    field(name, value.startsWith(" ") ? value.substring(1) : value);
  }

  /// A comment has no name, and other names mean nothing.
  private void field(String name, String value) throws TooLarge {
    switch (name) {
      case "data" -> {
        data.append(value).append('\n');
        if (data.length() > most) {
          throw new TooLarge();
        }
      }
      case "event" -> event = value;
      case "id" -> id = value.indexOf('\0') < 0 ? value : id;
      default -> {}
    }
  }

  private void dispatch(Consumer<Reply> sink) {
    String name = event;
    event = "";
    if (data.isEmpty()) {
      return;
    }
    byte[] content = data.substring(0, data.length() - 1).getBytes(StandardCharsets.UTF_8);
    data.setLength(0);
    Fields fields = Fields.of();
    fields.add(EVENT, name.isEmpty() ? "message" : name);
    if (!id.isEmpty()) {
      fields.add(ID, id);
    }
    sink.accept(new Reply(200, fields, content.length, content.length, content));
  }
}
