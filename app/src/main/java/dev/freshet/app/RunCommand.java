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
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `freshet run`.
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Serves your app through Freshet until Ctrl-C.",
      "",
      "  freshet run --origin http://127.0.0.1:3000",
      "  freshet run --config freshet.yaml",
      "",
      "Without any rule it caches exactly what your app's own headers allow.",
      "`freshet check` says what that is, and which rule would change it. Pages of",
      "HTML get lazy pictures and kept places on their way; `optimize: off` leaves",
      "them as they are. SIGHUP or POST /reload reads the file again without",
      "dropping a connection; SIGTERM and Ctrl-C let requests finish.",
      ""
    })
final class RunCommand implements Callable<Integer> {
  @Mixin private SettingsFlags flags = new SettingsFlags();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--drain",
      paramLabel = "TIME",
      description = "how long requests may take to finish when stopping (${DEFAULT-VALUE})")
  private String drain = "30s";

  @Override
  public Integer call() throws InterruptedException {
    Duration patience = Durations.flag("--drain", drain);
    Settings settings = flags.read();
    PrintWriter out = spec.commandLine().getOut();
    CountDownLatch stop = new CountDownLatch(1);
    boolean isTold = Signals.handle("TERM", stop::countDown);
    isTold &= Signals.handle("INT", stop::countDown);
    Wiring running = Wiring.start(settings, flags::read);
    if (!isTold) {
      // Where signals can't be had (java -Xrs), the end of the program is still a signal.
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> running.drain(patience), "freshet-drain"));
    }
    Signals.handle("HUP", () -> reload(out, running));
    announce(out, settings, running);
    // Not before, as what is not compiled yet makes a start long.
    LowPriority.giveToCompiler();
    ShortTurns.giveTo("freshet-");
    stop.await();
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
