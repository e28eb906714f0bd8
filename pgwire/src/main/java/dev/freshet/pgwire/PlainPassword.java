package dev.freshet.pgwire;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/// A password as it is typed.
///
/// @param text empty for a user who can't log in with a password
public record PlainPassword(String text) implements Secret {

  @Override
  public boolean admits(String user, String password) {
    return !text.isEmpty()
        && MessageDigest.isEqual(
            text.getBytes(StandardCharsets.UTF_8), password.getBytes(StandardCharsets.UTF_8));
  }

  /// Without the password.
  @Override
  public String toString() {
    return "PlainPassword";
  }
}
