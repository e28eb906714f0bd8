package dev.freshet.sql;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Bind messages, from the count of parameter formats on.
final class Binds {
  private Binds() {}

  /// @param values null for NULL
  static byte[] message(boolean isBinary, List<byte @Nullable []> values) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DataOutputStream data = new DataOutputStream(out)) {
      data.writeShort(isBinary ? 1 : 0);
      if (isBinary) {
        data.writeShort(1);
      }
      data.writeShort(values.size());
      for (byte @Nullable [] value : values) {
        data.writeInt(value == null ? -1 : value.length);
        if (value != null) {
          data.write(value);
        }
      }
      data.writeShort(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
