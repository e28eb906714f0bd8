package dev.freshet.pgwire;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// The `AuthenticationMD5Password` exchange: the hash of a [Md5Verifier]'s digits and four octets
/// that the server chose.
public final class Md5Auth {
  /// Octets of the server's salt.
  public static final int SALT = 4;

  private Md5Auth() {}

  /// What the client sends, without the NUL that ends it on the wire.
  public static byte[] response(Md5Verifier verifier, byte[] salt) {
    byte[] digits = verifier.hash().substring(3).getBytes(StandardCharsets.US_ASCII);
    return ("md5" + hex(digits, salt)).getBytes(StandardCharsets.US_ASCII);
  }

  /// Whether a client's response is the right one; takes as long wherever it differs.
  ///
  /// @param response without the NUL that ends it on the wire
  public static boolean isRight(Md5Verifier verifier, byte[] salt, byte[] response) {
    return MessageDigest.isEqual(response(verifier, salt), response);
  }

  static String hex(byte[] first, byte[] then) {
    try {
      MessageDigest md5 = MessageDigest.getInstance("MD5");
      md5.update(first);
      md5.update(then);
      return HexFormat.of().formatHex(md5.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has MD5", e);
    }
  }
}
