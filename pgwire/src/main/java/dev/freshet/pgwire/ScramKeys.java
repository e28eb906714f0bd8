package dev.freshet.pgwire;

/// All that is needed to log in with SCRAM without the password, wherever the verifier is the same:
/// its owner's ClientKey, and the verifier itself.
///
/// A pooler recovers them from a client it has checked against the server's own verifier, and logs
/// in to the server with them. They are as good as the password there: keep them in memory only.
public final class ScramKeys {
  private final byte[] clientKey;
  private final ScramVerifier verifier;

  private ScramKeys(byte[] clientKey, ScramVerifier verifier) {
    this.clientKey = clientKey;
    this.verifier = verifier;
  }

  /// From the password, which takes milliseconds at the usual 4096 iterations.
  ///
  /// @param salt not empty
  /// @param iterations 1 or more
  public static ScramKeys derive(String password, byte[] salt, int iterations) {
    byte[] salted = Scram.saltedPassword(password, salt, iterations);
    byte[] clientKey = Scram.hmac(salted, "Client Key");
    byte[] serverKey = Scram.hmac(salted, "Server Key");
    return new ScramKeys(
        clientKey, new ScramVerifier(salt, iterations, Scram.hash(clientKey), serverKey));
  }

  /// @throws IllegalArgumentException when the key is not the verifier's
  public static ScramKeys of(byte[] clientKey, ScramVerifier verifier) {
    if (!verifier.admits(clientKey)) {
      throw new IllegalArgumentException("the client key is not the verifier's");
    }
    return new ScramKeys(clientKey.clone(), verifier);
  }

  public byte[] clientKey() {
    return clientKey.clone();
  }

  public ScramVerifier verifier() {
    return verifier;
  }

  byte[] proof(String authMessage) {
    return Scram.xor(clientKey, verifier.clientSignature(authMessage));
  }

  /// Without the keys.
  @Override
  public String toString() {
    return "ScramKeys";
  }
}
