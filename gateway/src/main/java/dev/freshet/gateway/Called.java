package dev.freshet.gateway;

import dev.freshet.pgwire.Frames;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A statement that is prepared for all clients, by the name one of them has for it.
record Called(String name, SharedStatement statement) implements Preparation {
  @Override
  public Reading reading() {
    return statement.reading();
  }

  @Override
  public byte[] types() {
    return statement.types();
  }

  /// Whether it is the same text by the same name, under other settings perhaps.
  boolean isSameAs(Called other) {
    return name.equals(other.name)
        && Arrays.equals(statement.sql(), other.statement.sql())
        && Arrays.equals(types(), other.types());
  }

  /// Whether the server's error there speaks of it, by the name that it has there.
  boolean isNamedIn(ByteBuf in, int at, int size) {
    String text = in.toString(at + Frames.HEADER, size - Frames.HEADER, Instead.ONE_EACH);
    return text.contains('"' + ours() + '"');
  }

  private String ours() {
    return new String(statement.name(), StandardCharsets.US_ASCII);
  }

  /// The same error, by the client's own name for it.
  void write(ByteBuf said, int at, int size, ByteBuf out) {
    byte[] own = name.getBytes(StandardCharsets.UTF_8);
    Instead.write(said, at, size, ours(), own, out);
  }
}
