package dev.freshet.pgwire;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/// PostgreSQL's old salted hash: `md5` and the MD5 of password and user name. Who has it can log in
/// with it, so it is as good as the password.
///
/// @param hash `md5` and 32 small hexadecimal digits
public record Md5Verifier(String hash) implements Secret {
  private static final int LENGTH = 35;

  public Md5Verifier {
    if (!isOne(hash)) {
      throw new IllegalArgumentException("not md5 and 32 small hexadecimal digits");
    }
  }

  public static Md5Verifier of(String user, String password) {
    return new Md5Verifier("md5" + Md5Auth.hex(utf8(password), utf8(user)));
  }

  static boolean isOne(String text) {
    if (text.length() != LENGTH || !text.startsWith("md5")) {
      return false;
    }
    return text.chars().skip(3).allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
  }

  @Override
  public boolean admits(String user, String password) {
    return !password.isEmpty()
        && MessageDigest.isEqual(utf8(hash), utf8(of(user, password).hash()));
  }

  /// Without the hash.
  @Override
  public String toString() {
    return "Md5Verifier";
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
