package dev.freshet.app;

import dev.freshet.app.Finding.Level;
import dev.freshet.assets.Refiner;
import dev.freshet.base.HostPort;
import dev.freshet.base.Trouble;
import dev.freshet.cache.SecondTierProbe;
import dev.freshet.changes.ChangeFeed;
import dev.freshet.changes.ChangesConfig;
import dev.freshet.changes.Readiness;
import dev.freshet.edge.Edge;
import dev.freshet.edge.FrontConfig;
import dev.freshet.gateway.GatewayConfig;
import dev.freshet.gateway.ServerProbe;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Tries a configuration out: starts it on free ports of this machine, asks for pages, reads what
/// became of them.
final class Checkup {
  private static final Pattern LINK = Pattern.compile("(?:href|src)=[\"'](/[^\"'#]*)[\"']");
  private static final Pattern DETAIL = Pattern.compile("detail=([a-z-]+)");
  private static final int MAX_PATHS = 12;
  private final Settings settings;
  private final List<Finding> findings = new ArrayList<>();

  /// What answers say of who made them.
  private final Set<String> signs = new LinkedHashSet<>();

  Checkup(Settings settings) {
    this.settings = settings;
  }

  List<Finding> run(List<String> paths) throws InterruptedException {
    boolean isReachable = true;
    for (var origin : settings.edge().origin().origins()) {
      isReachable &= reach("origin " + origin, origin.address());
    }
    second();
    database();
    if (!isReachable) {
      return findings;
    }
    FrontConfig front = FrontConfig.defaults(new HostPort("127.0.0.1", 0));
    Settings trial =
        new Settings(
            settings.edge().withFronts(List.of(front)),
            null,
            null,
            settings.rows(),
            settings.live(),
            settings.optimize(),
            settings.worker(),
            settings.openapi(),
            new HostPort("127.0.0.1", 0),
            null);
    try (Wiring running = Wiring.start(trial, () -> trial);
        TraceCheck traces = TraceCheck.begin(settings, front);
        HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
      if (!running.edge().codings().contains("br")) {
        note(
            "compression", "only " + running.edge().codings() + " can be made on this machine", "");
      }
      refining(running.refiner());
      Edge tracing = traces == null ? null : traces.edge();
      Edge asked = tracing == null ? running.edge() : tracing;
      URI base = URI.create("http://" + asked.addresses().getFirst());
      boolean hasCookies = false;
      for (String path : paths.isEmpty() ? crawl(client, base) : paths) {
        hasCookies |= probe(client, base, path);
      }
      if (hasCookies) {
        note(
            "cookies",
            "a cookie on responses that look the same for everybody keeps them from being stored",
            "where a path shows nothing personal, say so:\nroutes:\n  - match: /static/**\n"
                + "    share: public\n    ttl: 1h");
      }
      if (traces != null) {
        findings.addAll(traces.findings(String.join(" ", signs)));
      }
    }
    return findings;
  }

  private void refining(Refiner refiner) {
    if (!settings.optimize().isUsed()) {
      return;
    }
    findings.add(pictures(refiner));
    String missing = refiner.missingMinifier();
    if (missing.isEmpty()) {
      findings.add(new Finding(Level.GOOD, "style sheets and scripts", "esbuild is there", ""));
    } else {
      note(
          "style sheets and scripts", "stay as they are: " + missing, "name an esbuild in ESBUILD");
    }
  }

  /// Which of the ways to make pictures smaller there is.
  static Finding pictures(Refiner refiner) {
    String libvips =
        "install libvips 8.13 or newer with its AVIF encoder (apt-get install libvips42), or name"
            + " it in LIBVIPS";
    boolean isThere = refiner.hasPictures();
    if (isThere && refiner.hasBestPictures()) {
      return new Finding(Level.GOOD, "pictures", refiner.pictures(), "");
    }
    String how =
        isThere ? "are made smaller, not as small as they could be, by " : "stay as they are: ";
    return new Finding(Level.NOTE, "pictures", how + refiner.pictures(), libvips);
  }

  private void database() {
    GatewayConfig wanted = settings.gateway();
    if (wanted == null) {
      return;
    }
    String place = "database " + wanted.database();
    ServerProbe probe = ServerProbe.of(wanted);
    if (probe.isReachable()) {
      findings.add(new Finding(Level.GOOD, place, "logged in: PostgreSQL " + probe.said(), ""));
      changes();
    } else {
      findings.add(
          new Finding(Level.WRONG, place, probe.said(), "correct `database`, or start PostgreSQL"));
    }
  }

  private void changes() {
    ChangesConfig wanted = settings.changes();
    if (wanted == null) {
      return;
    }
    Readiness readiness = ChangeFeed.examine(wanted);
    for (Trouble trouble : readiness.obstacles()) {
      note(
          "change feed",
          "off, so no answer is kept by its rows: " + trouble.cause(),
          trouble.remedy());
    }
    if (readiness.isReady()) {
      findings.add(
          new Finding(
              Level.GOOD,
              "change feed",
              "can follow " + readiness.covered() + " of " + readiness.tables() + " tables",
              ""));
      if (!readiness.statements().isEmpty()) {
        note(
            "change feed",
            "the publication is not complete; `freshet run` mends it where the user may",
            "`freshet check --prepare` runs\n" + String.join(";\n", readiness.statements()) + ";");
      }
    }
    readiness.notes().forEach(trouble -> note(trouble.place(), trouble.cause(), trouble.remedy()));
    if (!readiness.server().isEmpty()) {
      names(wanted);
    }
  }

  private void names(ChangesConfig wanted) {
    try {
      findings.addAll(ConfiguredNames.missing(settings, ChangeFeed.catalog(wanted)));
    } catch (SQLException e) {
      String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      note("database", "which tables there are can't be read: " + why, "");
    }
  }

  private void second() {
    var second = settings.edge().cache().second();
    if (second != null) {
      URI url = URI.create(second.url());
      int port = url.getPort() < 0 ? 6379 : url.getPort();
      HostPort at = new HostPort(url.getHost(), port);
      SecondTierProbe probe = SecondTierProbe.of(second);
      findings.add(
          probe.isReachable()
              ? new Finding(Level.GOOD, "redis", "answers", "")
              : new Finding(
                  Level.WRONG,
                  "redis",
                  "can't be used at " + at + " (" + probe.said() + ")",
                  "start it, or correct its address, its password or `redis.authorities`"));
    }
  }

  private boolean reach(String what, HostPort at) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(at.host(), at.port()), 3_000);
      findings.add(new Finding(Level.GOOD, what, "answers", ""));
      return true;
    } catch (IOException e) {
      findings.add(
          new Finding(
              Level.WRONG,
              what,
              "can't be reached at " + at + " (" + e.getMessage() + ")",
              "start it, or correct the address"));
      return false;
    }
  }

  private Set<String> crawl(HttpClient client, URI base) throws InterruptedException {
    Set<String> out = new LinkedHashSet<>();
    out.add("/");
    HttpResponse<String> home = get(client, base, "/");
    if (home != null) {
      Matcher links = LINK.matcher(home.body());
      while (links.find() && out.size() < MAX_PATHS) {
        out.add(links.group(1).replace("&amp;", "&"));
      }
    }
    return out;
  }

  /// Asks twice and reports; true when a cookie is all that keeps the response from being stored.
  private boolean probe(HttpClient client, URI base, String path) throws InterruptedException {
    HttpResponse<String> first = get(client, base, path);
    HttpResponse<String> again = get(client, base, path);
    if (first == null || again == null) {
      findings.add(new Finding(Level.WRONG, path, "no answer", "look at the app's log"));
      return false;
    }
    again.headers().firstValue("x-powered-by").ifPresent(signs::add);
    again.headers().firstValue("server").ifPresent(signs::add);
    String status = again.headers().firstValue("cache-status").orElse("");
    if (status.contains("; hit")) {
      findings.add(new Finding(Level.GOOD, path, again.statusCode() + ", stored: " + status, ""));
      return false;
    }
    Matcher detail = DETAIL.matcher(status);
    String reason = detail.find() ? detail.group(1) : "";
    note(path, again.statusCode() + ", not stored" + why(reason), "");
    return reason.equals("set-cookie") || reason.equals("session-cookie");
  }

  private static String why(String reason) {
    return switch (reason) {
      case "" -> "";
      case "set-cookie" -> ": the response sets a cookie";
      case "session-cookie" -> ": the request carries a session, and the response is not `public`";
      case "no-freshness" -> ": the response names no lifetime (Cache-Control: max-age)";
      case "no-store" -> ": the response says no-store";
      case "private" -> ": the response says private";
      default -> ": " + reason;
    };
  }

  private static @Nullable HttpResponse<String> get(HttpClient client, URI base, String path)
      throws InterruptedException {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(base.resolve(path))
              .version(HttpClient.Version.HTTP_1_1)
              .timeout(Duration.ofSeconds(30))
              .build();
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException | IllegalArgumentException e) {
      return null;
    }
  }

  private void note(String place, String text, String remedy) {
    findings.add(new Finding(Level.NOTE, place, text, remedy));
  }
}
