package dev.freshet.app;

import dev.freshet.base.Trouble;
import dev.freshet.edge.Edge;
import dev.freshet.gateway.Gateway;
import dev.freshet.gateway.GatewayConfig;
import dev.freshet.live.Live;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Puts another configuration in force while everything runs, and holds what may come with one: the
/// gateway, and the channel that tells of changes.
final class Reloading implements Runnable {
  private final Edge edge;
  private final Following following;
  private final PagePolish polish;
  private final Supplier<Settings> source;
  private final Later later;
  private volatile @Nullable Gateway gateway;
  private volatile @Nullable Live live;

  /// How to open what was not asked for at the start.
  ///
  /// @param live null where that is switched off
  record Later(Function<GatewayConfig, Gateway> gateway, Function<Settings, @Nullable Live> live) {}

  /// @param source reads the configuration again
  Reloading(
      Edge edge, Following following, PagePolish polish, Supplier<Settings> source, Later later) {
    this.edge = edge;
    this.following = following;
    this.polish = polish;
    this.source = source;
    this.later = later;
  }

  /// Opens what a configuration asks for now.
  void begin(Settings settings) {
    GatewayConfig wanted = settings.gateway();
    if (wanted != null) {
      opened(later.gateway.apply(wanted));
    }
    tell(settings);
  }

  private void opened(Gateway made) {
    made.onReload(this);
    gateway = made;
  }

  private void tell(Settings settings) {
    if (live == null && following.isOn()) {
      live = later.live.apply(settings);
    }
  }

  /// Whatever may be wrong comes out before anything is changed. A signal and the admin API may ask
  /// at the same time; one after the other is served.
  @Override
  public synchronized void run() {
    Settings told = source.get();
    GatewayConfig wanted = told.gateway();
    Gateway now = gateway;
    if (now != null && wanted == null) {
      throw new Trouble.Found(
          new Trouble(
              "database",
              "a reload can't close the gateway",
              "leave `database` in, or restart Freshet"));
    }
    Runnable follow = following.prepare(told);
    Gateway.Next next = now == null || wanted == null ? null : now.prepare(wanted);
    Gateway made = now == null && wanted != null ? later.gateway.apply(wanted) : null;
    boolean wasOn = following.isOn();
    try {
      edge.reload(told.edge());
      polish.reload(told.optimize(), told.worker());
      follow.run();
    } catch (RuntimeException e) {
      if (next != null) {
        next.drop();
      }
      if (made != null) {
        made.close();
      }
      throw e;
    }
    if (next != null) {
      next.apply();
    }
    if (made != null) {
      opened(made);
    }
    Gateway open = gateway;
    if (open != null && !wasOn && following.isOn()) {
      // Nobody has asked those there are for their search_path, nor those made since it opened.
      open.reconnect();
    }
    tell(told);
  }

  /// Null where there is no database.
  @Nullable Gateway gateway() {
    return gateway;
  }

  /// Null where there is no feed that changes could be told from.
  @Nullable Live live() {
    return live;
  }
}
