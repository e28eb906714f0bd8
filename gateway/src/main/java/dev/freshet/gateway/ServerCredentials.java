package dev.freshet.gateway;

import dev.freshet.pgwire.LoginRefused;
import dev.freshet.pgwire.Md5Verifier;
import dev.freshet.pgwire.ScramClient;
import dev.freshet.pgwire.ScramKeys;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a pool logs in to the server with: a password, or what its clients have proved to hold.
final class ServerCredentials {
  private static final java.security.SecureRandom RANDOM = new java.security.SecureRandom();
  private final @Nullable String password;
  private volatile @Nullable ScramKeys keys;

  private final @Nullable Md5Verifier md5;

  ServerCredentials(@Nullable String password) {
    this(password, null);
  }

  /// @param md5 what an old client has proved to hold, for a server that takes it
  ServerCredentials(@Nullable String password, @Nullable Md5Verifier md5) {
    this.password = password;
    this.md5 = md5;
  }

  @Nullable Md5Verifier md5() {
    return md5;
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
