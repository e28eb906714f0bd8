package dev.freshet.pgwire;

/// What a login is checked against: a password, or something that was made from one.
public sealed interface Secret permits PlainPassword, ScramVerifier, Md5Verifier {

  /// Reads what `pg_authid.rolpassword` or a user list holds. As in PostgreSQL, `md5` and 32 small
  /// hexadecimal digits are a hash, and what looks like nothing else is a password.
  ///
  /// @throws IllegalArgumentException for a broken SCRAM verifier; PostgreSQL would take it for a
  ///   password, which is never what was meant. The message does not show it.
  static Secret parse(String text) {
    if (text.startsWith(ScramVerifier.PREFIX)) {
      return ScramVerifier.parse(text);
    }
    return Md5Verifier.isOne(text) ? new Md5Verifier(text) : new PlainPassword(text);
  }

  /// Whether a password that came in the clear is the right one. An empty one never is, as in
  /// PostgreSQL. For a [ScramVerifier] this takes milliseconds.
  boolean admits(String user, String password);
}
