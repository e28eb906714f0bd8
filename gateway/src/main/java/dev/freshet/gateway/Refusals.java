package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import dev.freshet.pgwire.ErrorReport;

/// What a session is told when the gateway does not let it do something.
final class Refusals {
  static final ErrorReport GOING =
      ErrorReport.fatal(
          "57P01", "the gateway is going down, with no work of yours under way", "connect again");

  static final ErrorReport SEQUENCE =
      ErrorReport.error(
          "0A000",
          "currval and lastval speak of a session that others have used since",
          "use INSERT ... RETURNING, ask within the transaction, or pool.mode: session");

  static final ErrorReport TRANSACTION =
      ErrorReport.error(
          "0A000",
          "transactions of several statements are refused in pool.mode statement",
          "set pool.mode: transaction");

  static final ErrorReport IDLE_IN_TRANSACTION =
      ErrorReport.fatal(
          "25P03", "the transaction was idle for longer than gateway.idle-in-transaction", null);

  static final ErrorReport RAN_ON =
      ErrorReport.fatal(
          "57014", "the statement ran on beyond gateway.statement-timeout, though cancelled", null);

  static final ErrorReport CANCELLED =
      ErrorReport.error("57014", "cancelled while waiting for a server connection", null);

  private Refusals() {}

  /// As the server would say it of what it knows by the client's name.
  static ErrorReport taken(String name) {
    return ErrorReport.error("42P05", "prepared statement \"" + name + "\" already exists", null);
  }

  /// A message that has to be held while it comes.
  static ErrorReport tooLong(int size, int most) {
    return ErrorReport.error(
        "54000",
        "a statement of " + size + " octets is longer than gateway.max-message (" + most + ")",
        "pass the data as parameters or by COPY, or raise it");
  }

  /// The others' messages fill the room.
  static ErrorReport tooMuchHeld(int size) {
    return ErrorReport.error(
        "53200",
        "no room for a statement of "
            + size
            + " octets: others' long statements fill four times gateway.max-message",
        "try again, or raise it");
  }

  /// The server is another, which knows nothing of what was under way.
  static ErrorReport moved(HostPort from, HostPort to) {
    return ErrorReport.fatal(
        "57P01",
        "the database has moved from " + from + " to " + to,
        "connect again; what was not committed is gone");
  }

  /// @param why the server did not take a setting
  static ErrorReport notAdopted(ErrorReport why) {
    return ErrorReport.fatal(
        why.sqlState(), "a setting of this session failed: " + why.message(), null);
  }
}
