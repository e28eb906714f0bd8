package dev.freshet.app;

import dev.freshet.base.HostPort;
import dev.freshet.base.LowPriority;
import dev.freshet.base.ShortTurns;
import dev.freshet.base.Trouble;
import dev.freshet.edge.EdgeConfig;
import dev.freshet.gateway.Gateway;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// What `freshet run` does: serves until a signal comes, and says what it serves.
final class Serving {
  static final String DRAIN = "30s";

  /// Seconds from the start on in which the program is mostly compiled.
  private static final long COMPILING = 2;

  private final SettingsFlags flags;
  private final String drain;
  private final PrintWriter out;
  private final CountDownLatch stop = new CountDownLatch(1);

  /// @param drain how long requests may take to finish when stopping
  /// @param out where it says so
  Serving(SettingsFlags flags, String drain, PrintWriter out) {
    this.flags = flags;
    this.drain = drain;
    this.out = out;
  }

  SettingsFlags flags() {
    return flags;
  }

  String drain() {
    return drain;
  }

  /// As a signal does.
  void stop() {
    stop.countDown();
  }

  int untilStopped() throws InterruptedException {
    Duration patience = Durations.flag("--drain", drain);
    Settings settings = flags.read();
    boolean isTold = Signals.handle("TERM", this::stop);
    isTold &= Signals.handle("INT", this::stop);
    Wiring running = Wiring.start(settings, flags::read);
    if (!isTold) {
      // Where signals can't be had (java -Xrs), the end of the program is still a signal.
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> running.drain(patience), "freshet-drain"));
    }
    Signals.handle("HUP", () -> reload(out, running));
    announce(out, settings, running);
    // Not before, as what is not compiled yet makes a start long, and so does Java's way to these
    // calls of the system: who asks first would wait for it.
    if (!stop.await(COMPILING, TimeUnit.SECONDS)) {
      LowPriority.giveToCompiler();
      ShortTurns.giveTo("freshet-");
      stop.await();
    }
    running.drain(patience);
    return 0;
  }

  private static void announce(PrintWriter out, Settings settings, Wiring running) {
    EdgeConfig edge = settings.edge();
    out.println("freshet " + Version.text());
    String scheme = edge.fronts().getFirst().tls() == null ? "http" : "https";
    running.edge().addresses().forEach(a -> out.println("  serving  " + scheme + "://" + a));
    out.flush();
    edge.origin().origins().forEach(o -> out.println("  origin   " + o + unlessThere(o.address())));
    Gateway gateway = running.gateway();
    if (gateway != null && settings.gateway() != null) {
      out.println("  gateway  " + gateway.address() + " -> " + settings.gateway().database());
    }
    if (running.changes() != null) {
      out.println(
          "  changes  " + settings.changes() + ", followed as soon as it answers (GET /status)");
    }
    out.println("  admin    http://" + running.console().address());
    out.println(
        "  cache    "
            + edge.cache().memory()
            + (edge.cache().second() == null ? ", no second tier (--redis adds one)" : ", Redis"));
    out.println(
        edge.routes().isEmpty()
            ? "  rules    none: plain HTTP caching; `freshet check` says what that stores"
            : "  rules    " + edge.routes().size());
    out.flush();
  }

  /// Nothing where somebody listens.
  private static String unlessThere(HostPort origin) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(origin.host(), origin.port()), 500);
      return "";
    } catch (UnknownHostException e) {
      return " is not known by that name";
    } catch (IOException e) {
      return " does not answer yet (" + e.getMessage() + ")";
    }
  }

  private static void reload(PrintWriter out, Wiring running) {
    try {
      running.reload();
      out.println("freshet: the configuration was read again");
    } catch (Trouble.Found e) {
      out.println("freshet: the new configuration was refused, the old one stays:");
      e.troubles().forEach(t -> out.println("  " + t.line()));
    }
    out.flush();
  }
}
