package dev.freshet.pgwire;

/// A peer sent what can't be a message: the connection is of no use any more.
public final class ProtocolFault extends Exception {
  private static final long serialVersionUID = 1L;

  public ProtocolFault(String message) {
    super(message, null, false, false);
  }

  /// PostgreSQL's protocol_violation.
  public String sqlState() {
    return "08P01";
  }
}
