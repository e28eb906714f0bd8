package dev.freshet.pgwire;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// The arithmetic and names of SCRAM-SHA-256 (RFC 5802, section 3; RFC 7677).
final class Scram {
  static final String PLAIN = "SCRAM-SHA-256";
  static final String PLUS = "SCRAM-SHA-256-PLUS";
  static final String BINDING = "tls-server-end-point";

  /// Octets of a key, a signature and a proof.
  static final int KEY = 32;

  private static final int NONCE = 18;

  private Scram() {}

  static byte[] hmac(byte[] key, String text) {
    return hmac(key, utf8(text));
  }

  static byte[] hmac(byte[] key, byte[] text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  static byte[] hash(byte[] text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /// Slow on purpose.
  static byte[] saltedPassword(String password, byte[] salt, int iterations) {
    char[] prepared = SaslPrep.prepare(password).toCharArray();
    PBEKeySpec spec = new PBEKeySpec(prepared, salt, iterations, KEY * 8);
    try {
      return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has PBKDF2WithHmacSHA256", e);
    } finally {
      spec.clearPassword();
    }
  }

  static byte[] xor(byte[] a, byte[] b) {
    byte[] out = new byte[a.length];
    for (int i = 0; i < a.length; i++) {
      out[i] = (byte) (a[i] ^ b[i]);
    }
    return out;
  }

  /// Printable and without a comma, as a nonce has to be.
  static String nonce(SecureRandom random) {
    byte[] out = new byte[NONCE];
    random.nextBytes(out);
    return base64(out);
  }

  static String base64(byte[] octets) {
    return Base64.getEncoder().encodeToString(octets);
  }

  /// Null unless it is what [#base64] writes: one text for one value, with its padding.
  static byte @Nullable [] fromBase64(String text) {
    try {
      byte[] out = Base64.getDecoder().decode(text);
      return base64(out).equals(text) ? out : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
