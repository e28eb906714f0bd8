package dev.freshet.pgwire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// Appends what a client says.
public final class FrontendMessages {
  private FrontendMessages() {}

  /// @param minor of protocol 3
  public static void startup(ByteBuf out, int minor, Map<String, String> parameters) {
    int start = out.writerIndex();
    out.writeInt(0);
    out.writeInt(StartupPacket.VERSION_3_0 | minor);
    parameters.forEach((name, value) -> {
      BackendMessages.string(out, name);
      BackendMessages.string(out, value);
    });
    out.writeByte(0);
    BackendMessages.end(out, start);
  }

  public static void sslRequest(ByteBuf out) {
    out.writeInt(8);
    out.writeInt(StartupPacket.SSL_CODE);
  }

  public static void cancelRequest(ByteBuf out, int pid, byte[] key) {
    out.writeInt(12 + key.length);
    out.writeInt(StartupPacket.CANCEL_CODE);
    out.writeInt(pid);
    out.writeBytes(key);
  }

  public static void query(ByteBuf out, String sql) {
    int start = BackendMessages.begin(out, Tag.QUERY);
    BackendMessages.string(out, sql);
    BackendMessages.end(out, start);
  }

  /// @param password without its NUL; what else a login answers with has none either
  public static void password(ByteBuf out, byte[] password) {
    int start = BackendMessages.begin(out, Tag.PASSWORD);
    out.writeBytes(password);
    out.writeByte(0);
    BackendMessages.end(out, start);
  }

  public static void saslInitialResponse(ByteBuf out, String mechanism, byte[] message) {
    int start = BackendMessages.begin(out, Tag.PASSWORD);
    BackendMessages.string(out, mechanism);
    out.writeInt(message.length);
    out.writeBytes(message);
    BackendMessages.end(out, start);
  }

  public static void saslResponse(ByteBuf out, byte[] message) {
    int start = BackendMessages.begin(out, Tag.PASSWORD);
    out.writeBytes(message);
    BackendMessages.end(out, start);
  }

  /// @param types as many octets as four times the number of types
  public static void parse(ByteBuf out, byte[] name, byte[] sql, byte[] types) {
    int start = BackendMessages.begin(out, Tag.PARSE);
    out.writeBytes(name);
    out.writeByte(0);
    out.writeBytes(sql);
    out.writeByte(0);
    out.writeShort(types.length / 4);
    out.writeBytes(types);
    BackendMessages.end(out, start);
  }

  /// Binds the unnamed statement's one parameter, as text; rows come as text too.
  public static void bindText(ByteBuf out, String value) {
    int start = BackendMessages.begin(out, Tag.BIND);
    out.writeShort(0);
    out.writeShort(0);
    out.writeShort(1);
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    out.writeInt(text.length);
    out.writeBytes(text);
    out.writeShort(0);
    BackendMessages.end(out, start);
  }

  /// Executes the unnamed portal to its end.
  public static void execute(ByteBuf out) {
    int start = BackendMessages.begin(out, Tag.EXECUTE);
    out.writeByte(0);
    out.writeInt(0);
    BackendMessages.end(out, start);
  }

  public static void closeStatement(ByteBuf out, byte[] name) {
    int start = BackendMessages.begin(out, Tag.CLOSE);
    out.writeByte('S');
    out.writeBytes(name);
    out.writeByte(0);
    BackendMessages.end(out, start);
  }

  /// The one without a name.
  public static void closePortal(ByteBuf out) {
    int start = BackendMessages.begin(out, Tag.CLOSE);
    out.writeByte('P');
    out.writeByte(0);
    BackendMessages.end(out, start);
  }

  public static void describeStatement(ByteBuf out, byte[] name) {
    int start = BackendMessages.begin(out, Tag.DESCRIBE);
    out.writeByte('S');
    out.writeBytes(name);
    out.writeByte(0);
    BackendMessages.end(out, start);
  }

  /// A message that is only a tag: Sync, Flush, Terminate.
  public static void bare(ByteBuf out, byte tag) {
    BackendMessages.bare(out, tag);
  }
}
