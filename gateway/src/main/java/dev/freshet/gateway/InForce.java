package dev.freshet.gateway;

import dev.freshet.pgwire.PlainPassword;
import dev.freshet.pgwire.ScramKeys;
import dev.freshet.pgwire.ScramVerifier;
import dev.freshet.pgwire.Secret;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a reload replaces, all at once: the configuration, and what was made of it.
///
/// @param secrets by user
record InForce(GatewayConfig config, Map<String, Secret> secrets, GatewayTls tls) {

  /// Reads certificates and derives verifiers, so that nothing can fail when it is put in force.
  static InForce of(GatewayConfig config, SecureRandom random) {
    Map<String, Secret> secrets = new HashMap<>();
    config.users().forEach((user, secret) -> secrets.put(user, provable(secret, random)));
    DatabaseUrl database = config.database();
    if (!database.password().isEmpty()) {
      secrets.put(database.user(), provable(new PlainPassword(database.password()), random));
    }
    return new InForce(config, secrets, GatewayTls.of(config));
  }

  /// Deriving a verifier costs milliseconds: once, not at each login.
  static Secret provable(Secret secret, SecureRandom random) {
    return secret instanceof PlainPassword(String text) ? ScramVerifier.of(text, random) : secret;
  }

  /// What proves that a client is this user; null where only the server may know.
  @Nullable Secret secret(String user) {
    return secrets.get(user);
  }

  /// What to log in to the server with for a client that has proved itself.
  ServerCredentials credentials(String user, ScramKeys proved) {
    DatabaseUrl database = config.database();
    boolean isOwner = user.equals(database.user());
    Secret told = config.users().get(user);
    String password =
        isOwner ? database.password() : told instanceof PlainPassword(String text) ? text : null;
    ServerCredentials out = new ServerCredentials(password);
    if (password == null) {
      out.keys(proved);
    }
    return out;
  }
}
