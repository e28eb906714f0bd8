package dev.freshet.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.app.Finding.Level;
import dev.freshet.base.HostPort;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import dev.freshet.edge.Database;
import dev.freshet.edge.Edge;
import dev.freshet.edge.FrontConfig;
import dev.freshet.freshness.Freshness;
import dev.freshet.freshness.TraceId;
import dev.freshet.freshness.Trail;
import dev.freshet.freshness.Trails;
import dev.freshet.gateway.Gateway;
import dev.freshet.gateway.GatewayConfig;
import dev.freshet.gateway.TracesSnapshot;
import dev.freshet.gateway.Watch;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/* What a user of `check` wants to know is whether the app that he has just set up sends its
 * statements with the trace of their request. Only the app's own statements can tell. Where a
 * Freshet runs, it has seen them: it is asked. Where none runs, the app has no way to its database,
 * since the gateway is where it connects to: so a gateway is opened there for as long as the check
 * lasts, before it an edge that sends traces, and the pages that are asked for anyhow show it.
 */

/// Whether statements come with the trace of the request they are for.
final class TraceCheck implements AutoCloseable {
  private final Settings settings;
  private final GatewayConfig wanted;
  private final @Nullable Edge edge;
  private final @Nullable Gateway gateway;
  private final @Nullable JsonNode running;

  private TraceCheck(
      Settings settings,
      GatewayConfig wanted,
      @Nullable Edge edge,
      @Nullable Gateway gateway,
      @Nullable JsonNode running) {
    this.settings = settings;
    this.wanted = wanted;
    this.edge = edge;
    this.gateway = gateway;
    this.running = running;
  }

  /// Null where there is no gateway that could tell.
  static @Nullable TraceCheck begin(Settings settings, FrontConfig front)
      throws InterruptedException {
    GatewayConfig wanted = settings.gateway();
    if (wanted == null) {
      return null;
    }
    try (AdminApi api = AdminApi.at(settings.admin().toString(), settings.token())) {
      return new TraceCheck(settings, wanted, null, null, api.get("/status"));
    } catch (Trouble.Found e) {
      return open(settings, wanted, front);
    }
  }

  private static TraceCheck open(Settings settings, GatewayConfig wanted, FrontConfig front) {
    Freshness freshness = new Freshness(1);
    Trails trails = new Trails(freshness, Time.system());
    Watch watch =
        new Watch(
            () -> true,
            trails,
            () -> wanted.database().database(),
            () -> null,
            table -> false,
            () -> {},
            host -> {},
            () -> settings.rows().jobs());
    Gateway gateway;
    try {
      gateway = Gateway.start(wanted, Time.system(), new Meters(), id -> route(trails, id), watch);
    } catch (Trouble.Found e) {
      return new TraceCheck(settings, wanted, null, null, null);
    }
    try {
      Database database =
          new Database(
              () -> true,
              freshness,
              trails,
              () -> null,
              table -> null,
              Long::toString,
              (table, column) -> table + "." + column,
              (table, column) -> null);
      Edge edge =
          Edge.start(
              settings.edge().withFronts(List.of(front)), database, Time.system(), new Meters());
      return new TraceCheck(settings, wanted, edge, gateway, null);
    } catch (RuntimeException e) {
      gateway.close();
      throw e;
    }
  }

  private static @Nullable String route(Trails trails, String id) {
    TraceId known = TraceId.ofHex(id);
    Trail trail = known == null ? null : trails.find(known);
    return trail == null ? null : trail.route();
  }

  /// What to ask for pages, so that statements can be seen; null where that shows nothing.
  @Nullable Edge edge() {
    return edge;
  }

  /// Call after pages were asked for.
  ///
  /// @param signs what answers say of who made them, as `X-Powered-By`
  List<Finding> findings(String signs) {
    HostPort at = wanted.listen();
    if (gateway != null) {
      return read(gateway.traces(), "the gateway for this check, at " + at, signs);
    }
    if (running == null) {
      return List.of(
          note(
              "can't tell whether statements come with the trace of their request: "
                  + at
                  + " is taken, and no Freshet answers at "
                  + settings.admin(),
              "run `freshet check` with the `admin` address (and token) of the one that runs"));
    }
    JsonNode told = running.path("traces");
    if (told.isMissingNode()) {
      return List.of(
          note(
              "the Freshet running at " + settings.admin() + " keeps no answer by its rows",
              "give a route `cache: rows`, and reload it"));
    }
    try {
      TracesSnapshot seen = new ObjectMapper().treeToValue(told, TracesSnapshot.class);
      List<Finding> out = read(seen, "the Freshet running at " + settings.admin(), signs);
      running.path("visitorTables").forEach(each -> out.add(visitors(each)));
      return out;
    } catch (JsonProcessingException e) {
      return List.of(
          note("the Freshet running at " + settings.admin() + " is another version", "restart it"));
    }
  }

  private static Finding visitors(JsonNode suspect) {
    return new Finding(
        Level.NOTE,
        "table " + suspect.path("table").asText(),
        "written by "
            + suspect.path("written").asInt()
            + " of "
            + suspect.path("requests").asInt()
            + " requests, whose answers are not kept for that, and read by nobody but the visitor"
            + " himself",
        "if it may be left untouched where an answer comes from memory:\n"
            + suspect.path("remedy").asText());
  }

  private List<Finding> read(TracesSnapshot seen, String who, String signs) {
    if (seen.apps().isEmpty()) {
      return new ArrayList<>(
          List.of(
              note(
                  "no statement came to " + who,
                  "let the app connect to "
                      + wanted.listen()
                      + " instead of PostgreSQL's own address, and ask for pages that read the"
                      + " database")));
    }
    List<Finding> out = new ArrayList<>();
    for (TracesSnapshot.Line app : seen.apps()) {
      out.add(app(app, signs));
    }
    for (TracesSnapshot.Line route : seen.routes()) {
      out.add(
          new Finding(
              Level.GOOD, "traces, route " + route.name(), count(route.with()) + ways(route), ""));
    }
    return out;
  }

  private static Finding app(TracesSnapshot.Line app, String signs) {
    String place = "traces, " + (app.name().startsWith("user ") ? "" : "app ") + app.name();
    long all = app.with() + app.without();
    if (app.without() > 0) {
      String some = app.with() == 0 ? "none" : app.with() + " of them";
      return new Finding(
          Level.NOTE,
          place,
          count(all) + ", " + some + " with the trace of a request; without: " + app.lastWithout(),
          Stack.remedy(signs)
              + "\nwhere it never makes pages: `rows: { jobs: ['"
              + app.name().replaceFirst("^user ", "")
              + "'] }`");
    }
    if (app.foreign() > 0) {
      return new Finding(
          Level.NOTE,
          place,
          app.foreign() + " of " + count(all) + " under a trace that no request was sent with",
          "let the app go on with the `traceparent` that comes with a request, instead of beginning"
              + " a trace of its own");
    }
    return new Finding(
        Level.GOOD, place, count(all) + ", all with the trace of a request" + ways(app), "");
  }

  private static String count(long statements) {
    return statements == 1 ? "1 statement" : statements + " statements";
  }

  private static String ways(TracesSnapshot.Line line) {
    List<String> ways = new ArrayList<>();
    if (line.byComment() > 0) {
      ways.add(line.byComment() + " by comment");
    }
    if (line.byTransaction() > 0) {
      ways.add(line.byTransaction() + " by their transaction");
    }
    if (line.byApplicationName() > 0) {
      ways.add(line.byApplicationName() + " by application_name");
    }
    return " (" + String.join(", ", ways) + ")";
  }

  private static Finding note(String text, String remedy) {
    return new Finding(Level.NOTE, "traces", text, remedy);
  }

  @Override
  public void close() {
    if (edge != null) {
      edge.close();
    }
    if (gateway != null) {
      gateway.close();
    }
  }
}
