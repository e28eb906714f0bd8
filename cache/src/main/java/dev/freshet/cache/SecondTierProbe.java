package dev.freshet.cache;

import dev.freshet.base.Trouble;
import io.lettuce.core.RedisException;
import java.util.List;

/// One attempt to log in to the second tier.
///
/// @param said what went wrong, empty when nothing did
public record SecondTierProbe(boolean isReachable, String said) {

  /// What the client says when the server has refused it and closed before the client was ready to
  /// hear why.
  private static final List<String> UNHEARD =
      List.of("RedisHandshakeHandler not registered", "Connection closed prematurely");

  private static final int TRIES = 5;

  /// Takes a few seconds at most; leaves nothing behind.
  public static SecondTierProbe of(SecondTierConfig config) {
    SecondTierProbe seen = once(config);
    for (int i = 1; i < TRIES && isUnheard(seen.said()); i++) {
      seen = once(config);
    }
    return seen;
  }

  private static boolean isUnheard(String said) {
    return UNHEARD.stream().anyMatch(said::contains);
  }

  private static SecondTierProbe once(SecondTierConfig config) {
    try (RedisLink link = new RedisLink(config)) {
      link.connect();
      return new SecondTierProbe(true, "");
    } catch (RedisException e) {
      return new SecondTierProbe(false, innermost(e));
    } catch (Trouble.Found e) {
      return new SecondTierProbe(false, e.troubles().getFirst().line());
    }
  }

  /// The client wraps what the server or the system said in "Unable to connect to".
  private static String innermost(Throwable e) {
    Throwable at = e;
    while (at.getCause() != null) {
      at = at.getCause();
    }
    return at.getMessage() == null ? at.getClass().getSimpleName() : at.getMessage();
  }
}
