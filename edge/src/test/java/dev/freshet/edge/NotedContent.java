package dev.freshet.edge;

import dev.freshet.http.Fields;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/// Writes down the content of a request, and decides nothing.
final class NotedContent implements Conversation {
  private final StringBuilder content = new StringBuilder();

  @Override
  public void content(ByteBuf data) {
    content.append(data.toString(StandardCharsets.US_ASCII));
    data.release();
  }

  @Override
  public void contentEnd(Fields trailers) {}

  @Override
  public void writable() {}

  @Override
  public void gone() {}

  @Override
  public String toString() {
    return content.toString();
  }
}
