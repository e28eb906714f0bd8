package dev.freshet.gateway;

/// How long a client keeps a server connection.
public enum PoolMode {
  /// Until its transaction ends; a session state that can't be carried along keeps it longer.
  TRANSACTION,
  /// Until it disconnects.
  SESSION,
  /// As [#TRANSACTION], and transactions of more than one statement are refused.
  STATEMENT
}
