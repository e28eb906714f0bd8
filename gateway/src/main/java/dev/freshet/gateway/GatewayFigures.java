package dev.freshet.gateway;

import dev.freshet.base.Histogram;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/// What the gateway counts.
final class GatewayFigures {
  private final Meters meters;
  private final Faults faults;
  private final Map<Pin, Meters.Counter> pins = new EnumMap<>(Pin.class);
  private final Histogram waits;
  private final Meters.Counter checkouts;
  private final Meters.Counter logins;
  private final Meters.Counter refusedLogins;
  private final Meters.Counter opened;
  private final Meters.Counter lost;
  private final Meters.Counter denied;
  private final Meters.Counter moves;
  private final Meters.Counter replicaReads;
  private final Meters.Counter turnedBack;
  private volatile Levels levels = new Levels(0, 0, 0, 0, 0, 0);

  /// How things stand, for gauges that other threads read.
  ///
  /// @param held the time that server connections have been held by clients, all pools together
  record Levels(int clients, int waiting, int active, int idle, int size, long held) {
    static Levels of(Gateway gateway) {
      int waiting = 0;
      int idle = 0;
      int all = 0;
      long held = 0;
      for (Pool pool : gateway.pools()) {
        waiting += pool.waiting();
        idle += pool.idle();
        all += pool.size();
        held += pool.stats().heldNanos();
      }
      int size = gateway.pools().size() * gateway.config().pool().size();
      int clients = gateway.sessions().size();
      return new Levels(clients, waiting, all - idle, idle, size, held);
    }
  }

  GatewayFigures(Time time, Meters meters) {
    this.meters = meters;
    this.faults = new Faults(time, meters);
    for (Pin pin : Pin.values()) {
      pins.put(
          pin,
          meters.counter(
              "freshet_gateway_pins_total",
              "Server connections kept beyond a transaction, by what kept them",
              Map.of("reason", pin.word())));
    }
    waits =
        meters.latencies(
            "freshet_gateway_wait_seconds",
            "Time clients waited for a server connection",
            Map.of());
    checkouts =
        meters.counter(
            "freshet_gateway_checkouts_total", "Server connections given to a client", Map.of());
    logins = meters.counter("freshet_gateway_logins_total", "Clients logged in", Map.of());
    refusedLogins =
        meters.counter("freshet_gateway_logins_refused_total", "Clients not let in", Map.of());
    opened =
        meters.counter(
            "freshet_gateway_server_opened_total", "Server connections opened", Map.of());
    lost =
        meters.counter(
            "freshet_gateway_server_lost_total",
            "Server connections closed, by whichever side",
            Map.of());
    denied =
        meters.counter(
            "freshet_gateway_queue_timeouts_total",
            "Clients that waited in vain for a server connection",
            Map.of());
    replicaReads = replicaReads(meters, "answered");
    turnedBack = replicaReads(meters, "failed");
    moves =
        meters.counter(
            "freshet_gateway_failovers_total",
            "Times another host of the database URL was found to be the primary",
            Map.of());
    gauge("clients", "Clients connected", l -> l.clients());
    gauge("waiting", "Clients that wait for a server connection", l -> l.waiting());
    gauge("server_active", "Server connections held by clients", l -> l.active());
    gauge("server_idle", "Server connections that nobody holds", l -> l.idle());
    gauge("pool_size", "Server connections that there may be, all pools together", l -> l.size());
    gauge(
        "held_seconds_total",
        "Time that server connections were held by clients; its rate by pool size is utilisation",
        l -> l.held() / 1e9);
    gauge(
        "reuse_ratio",
        "Checkouts for each server connection opened",
        l -> (double) checkouts.sum() / Math.max(1, opened.sum()));
    gauge(
        "utilisation",
        "Share of the pools' connections held by clients just now",
        l -> l.size() == 0 ? 0 : (double) l.active() / l.size());
  }

  private void gauge(String name, String help, ToDoubleFunction<Levels> value) {
    meters.gauge("freshet_gateway_" + name, help, Map.of(), () -> value.applyAsDouble(levels));
  }

  void levels(Levels now) {
    levels = now;
  }

  void pinned(Pin pin) {
    Meters.Counter counter = pins.get(pin);
    if (counter != null) {
      counter.increment();
    }
  }

  Map<String, Long> pins() {
    Map<String, Long> out = new TreeMap<>();
    pins.forEach((pin, counter) -> {
      if (counter.sum() > 0) {
        out.put(pin.word(), counter.sum());
      }
    });
    return out;
  }

  void checkedOut(long waitedNanos) {
    checkouts.increment();
    waits.record(waitedNanos);
  }

  long checkouts() {
    return checkouts.sum();
  }

  Histogram waits() {
    return waits;
  }

  void loggedIn() {
    logins.increment();
  }

  void loginRefused() {
    refusedLogins.increment();
  }

  void serverOpened() {
    opened.increment();
  }

  long serversOpened() {
    return opened.sum();
  }

  void serverLost() {
    lost.increment();
  }

  private static Meters.Counter replicaReads(Meters meters, String outcome) {
    return meters.counter(
        "freshet_gateway_replica_reads_total",
        "Statements sent to a replica; where that failed, the primary was asked",
        Map.of("outcome", outcome));
  }

  void readReplica(boolean isAnswered) {
    (isAnswered ? replicaReads : turnedBack).increment();
  }

  long replicaReads() {
    return replicaReads.sum();
  }

  long turnedBack() {
    return turnedBack.sum();
  }

  void moved() {
    moves.increment();
  }

  void queueTimeout() {
    denied.increment();
  }

  /// An error that the server gave a client.
  void error(String sqlState) {
    meters
        .counter(
            "freshet_gateway_errors_total",
            "Errors the server answered, by class of SQLSTATE",
            Map.of("class", sqlState.substring(0, 2).toUpperCase(Locale.ROOT)))
        .increment();
  }

  void fault(Throwable cause) {
    faults.add(cause);
  }
}
