package dev.freshet.gateway;

import dev.freshet.pgwire.LoginRefused;
import dev.freshet.pgwire.ScramClient;
import dev.freshet.pgwire.ScramKeys;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a pool logs in to the server with: a password, or the keys that its clients have proved to
/// hold.
final class ServerCredentials {
  private static final java.security.SecureRandom RANDOM = new java.security.SecureRandom();
  private final @Nullable String password;
  private volatile @Nullable ScramKeys keys;

  ServerCredentials(@Nullable String password) {
    this.password = password;
  }

  @Nullable String password() {
    return password;
  }

  /// Keys that were good, for the next login.
  void keys(ScramKeys proved) {
    keys = proved;
  }

  ScramClient scram(List<String> offered, byte @Nullable [] certificateHash) throws LoginRefused {
    ScramKeys known = keys;
    return known == null
        ? ScramClient.withPassword(
            "", password == null ? "" : password, offered, certificateHash, RANDOM)
        : ScramClient.withKeys("", known, offered, certificateHash, RANDOM);
  }

  boolean hasKeys() {
    return keys != null;
  }

  void forgetKeys() {
    keys = null;
  }
}
