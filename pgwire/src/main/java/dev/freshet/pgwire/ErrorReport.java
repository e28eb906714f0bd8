package dev.freshet.pgwire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The fields of ErrorResponse that a client acts on.
///
/// @param severity `ERROR`, `FATAL` or `PANIC`
/// @param sqlState five characters (PostgreSQL documentation, appendix "Error Codes")
public record ErrorReport(String severity, String sqlState, String message, @Nullable String hint) {

  public static ErrorReport error(String sqlState, String message, @Nullable String hint) {
    return new ErrorReport("ERROR", sqlState, message, hint);
  }

  public static ErrorReport fatal(String sqlState, String message, @Nullable String hint) {
    return new ErrorReport("FATAL", sqlState, message, hint);
  }

  /// Whether the connection ends with it.
  public boolean isFatal() {
    return !severity.equals("ERROR");
  }

  /// Reads the fields of a whole ErrorResponse.
  ///
  /// @param at where its fields begin, behind the length
  public static ErrorReport read(ByteBuf in, int at, int to) throws ProtocolFault {
    String severity = "ERROR";
    String sqlState = "XX000";
    String message = "";
    String hint = null;
    int next = at;
    while (next < to && in.getByte(next) != 0) {
      byte field = in.getByte(next);
      String value = Frames.string(in, next + 1, to);
      next = Frames.endOfString(in, next + 1, to) + 1;
      switch (field) {
        case 'V' -> severity = value;
        case 'C' -> sqlState = value;
        case 'M' -> message = value;
        case 'H' -> hint = value;
        default -> {}
      }
    }
    return new ErrorReport(severity, sqlState, message, hint);
  }

  /// Appends a whole ErrorResponse.
  public void write(ByteBuf out) {
    int start = BackendMessages.begin(out, Tag.ERROR);
    field(out, 'S', severity);
    field(out, 'V', severity);
    field(out, 'C', sqlState);
    field(out, 'M', message);
    if (hint != null) {
      field(out, 'H', hint);
    }
    out.writeByte(0);
    BackendMessages.end(out, start);
  }

  private static void field(ByteBuf out, char name, String value) {
    out.writeByte(name);
    out.writeCharSequence(value.replace('\0', ' '), StandardCharsets.UTF_8);
    out.writeByte(0);
  }
}
