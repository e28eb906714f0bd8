package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.freshness.Trails;
import dev.freshet.sql.Catalog;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What a gateway tells of where every table of the database `shop` is followed.
final class Watched {
  private Watched() {}

  static Watch all(Trails trails, Supplier<@Nullable Catalog> catalog) {
    return new Watch(
        () -> true, trails, () -> "shop", catalog, table -> true, () -> {}, host -> {}, Set::of);
  }

  /// One before the server of [Backstage].
  static Gateway gateway(Trails trails, Supplier<@Nullable Catalog> catalog) {
    return Gateway.start(
        GatewayConfig.of(new HostPort("127.0.0.1", 0), Backstage.url()),
        Time.system(),
        new Meters(),
        trace -> null,
        all(trails, catalog));
  }
}
