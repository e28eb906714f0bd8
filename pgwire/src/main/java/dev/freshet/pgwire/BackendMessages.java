package dev.freshet.pgwire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Appends what a server says.
public final class BackendMessages {
  private static final int TEXT = 25;

  private BackendMessages() {}

  /// Begins a message; give what it returns to [#end].
  static int begin(ByteBuf out, byte tag) {
    out.writeByte(tag);
    out.writeInt(0);
    return out.writerIndex() - 4;
  }

  static void end(ByteBuf out, int start) {
    out.setInt(start, out.writerIndex() - start);
  }

  static void string(ByteBuf out, String text) {
    out.writeCharSequence(text, StandardCharsets.UTF_8);
    out.writeByte(0);
  }

  /// A message that is only a tag.
  public static void bare(ByteBuf out, byte tag) {
    out.writeByte(tag);
    out.writeInt(4);
  }

  /// @param status `I`, `T` or `E`
  public static void readyForQuery(ByteBuf out, byte status) {
    out.writeByte(Tag.READY_FOR_QUERY);
    out.writeInt(5);
    out.writeByte(status);
  }

  public static void commandComplete(ByteBuf out, String tag) {
    int start = begin(out, Tag.COMMAND_COMPLETE);
    string(out, tag);
    end(out, start);
  }

  public static void parameterStatus(ByteBuf out, String name, String value) {
    int start = begin(out, Tag.PARAMETER_STATUS);
    string(out, name);
    string(out, value);
    end(out, start);
  }

  public static void backendKeyData(ByteBuf out, int pid, byte[] key) {
    int start = begin(out, Tag.BACKEND_KEY_DATA);
    out.writeInt(pid);
    out.writeBytes(key);
    end(out, start);
  }

  /// @param minor the newest minor version of protocol 3 spoken here
  public static void negotiateVersion(ByteBuf out, int minor, List<String> unknownOptions) {
    int start = begin(out, Tag.NEGOTIATE_VERSION);
    out.writeInt(StartupPacket.VERSION_3_0 | minor);
    out.writeInt(unknownOptions.size());
    unknownOptions.forEach(option -> string(out, option));
    end(out, start);
  }

  public static void authenticationOk(ByteBuf out) {
    authentication(out, 0, new byte[0]);
  }

  public static void authenticationCleartext(ByteBuf out) {
    authentication(out, 3, new byte[0]);
  }

  public static void authenticationMd5(ByteBuf out, byte[] salt) {
    authentication(out, 5, salt);
  }

  public static void authenticationSasl(ByteBuf out, List<String> mechanisms) {
    int start = begin(out, Tag.AUTHENTICATION);
    out.writeInt(10);
    mechanisms.forEach(mechanism -> string(out, mechanism));
    out.writeByte(0);
    end(out, start);
  }

  public static void authenticationSaslContinue(ByteBuf out, byte[] message) {
    authentication(out, 11, message);
  }

  public static void authenticationSaslFinal(ByteBuf out, byte[] message) {
    authentication(out, 12, message);
  }

  private static void authentication(ByteBuf out, int kind, byte[] rest) {
    int start = begin(out, Tag.AUTHENTICATION);
    out.writeInt(kind);
    out.writeBytes(rest);
    end(out, start);
  }

  /// Columns of text.
  public static void rowDescription(ByteBuf out, List<String> names) {
    int start = begin(out, Tag.ROW_DESCRIPTION);
    out.writeShort(names.size());
    for (String name : names) {
      string(out, name);
      out.writeInt(0);
      out.writeShort(0);
      out.writeInt(TEXT);
      out.writeShort(-1);
      out.writeInt(-1);
      out.writeShort(0);
    }
    end(out, start);
  }

  /// @param values in text form; null for NULL
  public static void dataRow(ByteBuf out, List<? extends @Nullable Object> values) {
    int start = begin(out, Tag.DATA_ROW);
    out.writeShort(values.size());
    for (Object value : values) {
      if (value == null) {
        out.writeInt(-1);
      } else {
        byte[] text = value.toString().getBytes(StandardCharsets.UTF_8);
        out.writeInt(text.length);
        out.writeBytes(text);
      }
    }
    end(out, start);
  }
}
