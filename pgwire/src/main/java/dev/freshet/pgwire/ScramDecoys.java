package dev.freshet.pgwire;

import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Verifiers for users that have none, so that a login of somebody unknown goes as any other and
/// fails at its end. The same user gets the same salt each time, as a real one does.
///
/// Salts come from a secret. A new secret changes them, which real salts never do by themselves:
/// nodes that stand for each other, and restarts that should not show, share one secret.
public final class ScramDecoys {
  private static final int SALT = 16;

  private final byte[] secret;
  private final int iterations;

  /// @param secret 32 octets nobody else knows
  /// @param iterations those of the real verifiers, else they tell the difference
  public ScramDecoys(byte[] secret, int iterations) {
    if (secret.length != Scram.KEY || iterations < 1) {
      throw new IllegalArgumentException("the secret has 32 octets, and there are iterations");
    }
    this.secret = secret.clone();
    this.iterations = iterations;
  }

  /// With a secret of this process.
  public static ScramDecoys random(SecureRandom random) {
    byte[] secret = new byte[Scram.KEY];
    random.nextBytes(secret);
    return new ScramDecoys(secret, ScramVerifier.DEFAULT_ITERATIONS);
  }

  /// What to check a login of this user with: the secret itself if it is a verifier, one derived
  /// from it if it is a password, and a decoy if SCRAM can't use it or there is none.
  ///
  /// Deriving takes milliseconds, and the wait would tell who exists: do that once a user, when the
  /// users are read, and not at each login.
  public ScramVerifier verifier(String user, @Nullable Secret known) {
    return switch (known) {
      case ScramVerifier own -> own;
      case PlainPassword password when !password.text().isEmpty() ->
          ScramKeys.derive(password.text(), salt(user), iterations).verifier();
      case null, default -> decoy(user);
    };
  }

  /// Nobody has the client key of it: its StoredKey is no hash of anything known.
  private ScramVerifier decoy(String user) {
    return new ScramVerifier(
        salt(user),
        iterations,
        Scram.hmac(secret, "stored " + user),
        Scram.hmac(secret, "server " + user));
  }

  private byte[] salt(String user) {
    return Arrays.copyOf(Scram.hmac(secret, "salt " + user), SALT);
  }
}
