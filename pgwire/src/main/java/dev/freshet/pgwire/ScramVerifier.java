package dev.freshet.pgwire;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a server keeps instead of a password (RFC 5802, section 3). It checks a client and proves
/// the server; logging in takes the ClientKey too, which it only holds a hash of.
///
/// Written `SCRAM-SHA-256$4096:salt$StoredKey:ServerKey`, the last three in base64.
public final class ScramVerifier implements Secret {
  /// PostgreSQL's default.
  public static final int DEFAULT_ITERATIONS = 4096;

  static final String PREFIX = "SCRAM-SHA-256$";
  private static final int SALT = 16;
  private static final Pattern FORM =
      Pattern.compile("SCRAM-SHA-256\\$([0-9]{1,10}):([^$:]+)\\$([^$:]+):([^$:]+)");

  private final byte[] salt;
  private final int iterations;
  private final byte[] storedKey;
  private final byte[] serverKey;

  ScramVerifier(byte[] salt, int iterations, byte[] storedKey, byte[] serverKey) {
    this.salt = salt.clone();
    this.iterations = iterations;
    this.storedKey = storedKey.clone();
    this.serverKey = serverKey.clone();
  }

  /// A new one for a password, with a salt of its own. Takes milliseconds.
  public static ScramVerifier of(String password, SecureRandom random) {
    byte[] salt = new byte[SALT];
    random.nextBytes(salt);
    return ScramKeys.derive(password, salt, DEFAULT_ITERATIONS).verifier();
  }

  /// @throws IllegalArgumentException when it is none; the message does not show it
  public static ScramVerifier parse(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "a SCRAM verifier is SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey");
    }
    long iterations = Long.parseLong(parts.group(1));
    if (iterations < 1 || iterations > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("the iterations of a SCRAM verifier are out of range");
    }
    byte[] salt = Scram.fromBase64(parts.group(2));
    byte[] storedKey = Scram.fromBase64(parts.group(3));
    byte[] serverKey = Scram.fromBase64(parts.group(4));
    if (salt == null || storedKey == null || serverKey == null) {
      throw new IllegalArgumentException("salt and keys of a SCRAM verifier are in base64");
    }
    if (storedKey.length != Scram.KEY || serverKey.length != Scram.KEY) {
      throw new IllegalArgumentException("the keys of a SCRAM verifier have 32 octets each");
    }
    return new ScramVerifier(salt, (int) iterations, storedKey, serverKey);
  }

  /// As `pg_authid.rolpassword` has it.
  public String format() {
    return PREFIX
        + iterations
        + ":"
        + Scram.base64(salt)
        + "$"
        + Scram.base64(storedKey)
        + ":"
        + Scram.base64(serverKey);
  }

  public int iterations() {
    return iterations;
  }

  public byte[] salt() {
    return salt.clone();
  }

  @Override
  public boolean admits(String user, String password) {
    return !password.isEmpty() && equals(ScramKeys.derive(password, salt, iterations).verifier());
  }

  /// Whether a client key is the one behind this verifier.
  boolean admits(byte[] clientKey) {
    return MessageDigest.isEqual(storedKey, Scram.hash(clientKey));
  }

  /// Whether keys made for this verifier do for a server that asks with that salt.
  boolean isAskedWith(byte[] otherSalt, int otherIterations) {
    return iterations == otherIterations && Arrays.equals(salt, otherSalt);
  }

  /// What a client's proof hides its key with.
  byte[] clientSignature(String authMessage) {
    return Scram.hmac(storedKey, authMessage);
  }

  byte[] serverSignature(String authMessage) {
    return Scram.hmac(serverKey, authMessage);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ScramVerifier o
        && isAskedWith(o.salt, o.iterations)
        && MessageDigest.isEqual(storedKey, o.storedKey)
        && MessageDigest.isEqual(serverKey, o.serverKey);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(salt);
  }

  /// Without the keys.
  @Override
  public String toString() {
    return "ScramVerifier[iterations=" + iterations + "]";
  }
}
