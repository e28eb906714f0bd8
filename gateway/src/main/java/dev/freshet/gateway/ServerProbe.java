package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// One attempt to log in to the server.
///
/// @param said the server's version, or what went wrong
public record ServerProbe(boolean isReachable, String said) {

  /// Takes at most `limits.login` and a little; leaves nothing behind.
  public static ServerProbe of(GatewayConfig config) {
    GatewayConfig apart =
        new GatewayConfig(
            new HostPort("127.0.0.1", 0),
            config.database(),
            config.users(),
            config.pool(),
            config.limits(),
            null);
    try (Gateway gateway = Gateway.start(apart, Time.system(), new Meters())) {
      long patience = config.limits().login().toMillis() + 1_000;
      return gateway.probe().get(patience, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new ServerProbe(false, "it was interrupted");
    } catch (ExecutionException | TimeoutException e) {
      return new ServerProbe(false, "it does not answer");
    }
  }
}
