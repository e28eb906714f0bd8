package dev.freshet.pgwire;

/// One side won't go on with a login: the other broke the protocol, or could not prove itself.
public final class LoginRefused extends Exception {
  private static final long serialVersionUID = 1L;
  private final String sqlState;

  private LoginRefused(String sqlState, String message) {
    super(message, null, false, false);
    this.sqlState = sqlState;
  }

  /// What was sent can't be read, or does not belong where it came.
  static LoginRefused malformed(String message) {
    return new LoginRefused("08P01", message);
  }

  /// What was sent is well formed and speaks of another connection or another server.
  static LoginRefused unproven(String message) {
    return new LoginRefused("28000", message);
  }

  /// The password is wrong, missing or no longer the one.
  static LoginRefused password(String message) {
    return new LoginRefused("28P01", message);
  }

  /// As PostgreSQL would give it: 08P01, 28000 or 28P01.
  public String sqlState() {
    return sqlState;
  }

  /// A sentence without a full stop, and without anything secret.
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
