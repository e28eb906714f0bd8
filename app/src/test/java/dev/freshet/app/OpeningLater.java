package dev.freshet.app;

import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.edge.Edge;
import dev.freshet.freshness.Freshness;
import dev.freshet.gateway.Gateway;
import dev.freshet.gateway.GatewayConfig;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/// A program without a database that a reload gives one, and somebody who is there the moment the
/// gateway opens.
final class OpeningLater implements AutoCloseable {
  final Meters meters = new Meters();
  private final AtomicReference<Settings> told;
  private final Following following;
  private final PagePolish polish;
  private final Edge edge;
  private final Reloading reloading;

  /// @param early is given the gateway before anything else of the reload is done
  OpeningLater(Settings before, Consumer<Gateway> early) {
    told = new AtomicReference<>(before);
    following = Following.start(before, new Freshness(), meters);
    polish = new PagePolish(before.optimize(), before.worker(), 1 << 20, meters);
    edge = Edge.start(before.edge(), following.seenByEdge(), polish, Time.system(), meters);
    reloading =
        new Reloading(
            edge,
            following,
            polish,
            told::get,
            new Reloading.Later(wanted -> open(wanted, early), settings -> null));
    reloading.begin(before);
  }

  private Gateway open(GatewayConfig wanted, Consumer<Gateway> early) {
    Gateway made =
        Gateway.start(wanted, Time.system(), meters, following::routeOf, following.seenByGateway());
    early.accept(made);
    return made;
  }

  void reload(Settings settings) {
    told.set(settings);
    reloading.run();
  }

  boolean isFollowing() {
    return following.isOn();
  }

  Gateway gateway() {
    return Objects.requireNonNull(reloading.gateway());
  }

  @Override
  public void close() {
    edge.close();
    Gateway open = reloading.gateway();
    if (open != null) {
      open.close();
    }
    following.close();
    polish.close();
  }
}
