package dev.freshet.app;

import dev.freshet.assets.WorkerConfig;
import dev.freshet.base.ByteSize;
import dev.freshet.base.HostPort;
import dev.freshet.base.Trouble;
import dev.freshet.cache.CacheConfig;
import dev.freshet.cache.SecondTierConfig;
import dev.freshet.changes.ChangesConfig;
import dev.freshet.edge.CompressionConfig;
import dev.freshet.edge.EdgeConfig;
import dev.freshet.edge.FrontConfig;
import dev.freshet.edge.OriginConfig;
import dev.freshet.edge.OriginUrl;
import dev.freshet.edge.Polish;
import dev.freshet.edge.RouteRule;
import dev.freshet.gateway.GatewayConfig;
import dev.freshet.live.LiveConfig;
import java.io.StringReader;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;

/// Reads `freshet.yaml` into [Settings]; throws [Trouble.Found] with everything that is wrong, not
/// only the first.
final class SettingsReader {
  private final String file;
  private final Flags flags;
  private final List<Trouble> troubles = new ArrayList<>();

  /// What the command line sets over the file; null leaves it to the file.
  record Flags(
      @Nullable String listen,
      List<String> origins,
      @Nullable String admin,
      @Nullable String token,
      @Nullable String redis,
      @Nullable String memory,
      @Nullable String tlsCertificate,
      @Nullable String tlsKey,
      @Nullable String database) {
    static final Flags NONE = new Flags(null, List.of(), null, null, null, null, null, null, null);
  }

  private SettingsReader(String file, Flags flags) {
    this.file = file;
    this.flags = flags;
  }

  /// @param file its name, for messages
  /// @param text empty when there is no file
  static Settings read(
      String file, String text, Flags flags, Function<String, @Nullable String> environment) {
    SettingsReader reader = new SettingsReader(file, flags);
    String expanded = Variables.expand(file, text, environment, reader.troubles);
    int before = reader.troubles.size();
    Node whole = reader.compose(expanded);
    if (reader.troubles.size() > before) {
      // Of a file that can't be read nothing is missing.
      throw new Trouble.Found(reader.troubles);
    }
    Section root = Section.of(file, "", whole, reader.troubles);
    Settings settings = reader.settings(root);
    if (!reader.troubles.isEmpty() || settings == null) {
      throw new Trouble.Found(reader.troubles);
    }
    return settings;
  }

  private @Nullable Node compose(String text) {
    try {
      return new Yaml(new LoaderOptions()).compose(new StringReader(text));
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
      troubles.add(
          new Trouble(
              file + ":" + line,
              "this is not YAML (" + e.getProblem() + ")",
              "check the indentation"));
      return null;
    } catch (YAMLException e) {
      String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      troubles.add(
          new Trouble(file, "this is not YAML (" + why + ")", "write it as UTF-8 text, and flat"));
      return null;
    }
  }

  private @Nullable Settings settings(Section root) {
    HostPort listen = address(root, "listen", flags.listen(), "0.0.0.0:8080", 8080);
    HostPort admin = address(root, "admin", flags.admin(), "127.0.0.1:8090", 8090);
    String token = root.text("token", "");
    if (flags.token() != null) {
      token = flags.token();
    }
    if (!admin.isLoopback() && token.length() < 16) {
      root.wrong(
          "admin",
          "an admin address beyond loopback needs a token of 16 characters or more",
          "set `token: ${FRESHET_TOKEN}`, or listen on 127.0.0.1");
    }
    CacheConfig cache = cache(root);
    GatewayConfig told = GatewayReader.read(root, flags.database(), cache, troubles);
    ChangesConfig changes = ChangesReader.read(root, told);
    FrontConfig front = front(root, listen);
    OriginConfig origin = OriginReader.read(root, flags.origins(), file, troubles);
    refuseItself(origin, listen);
    EdgeConfig.Limits limits = limits(root);
    CompressionConfig compression = compression(root);
    Polish.Level everywhere = OptimizeConfig.read(root, Polish.Level.SAFE);
    Map<String, Polish.Level> levels = new LinkedHashMap<>();
    List<RouteRule> routes = routes(root, everywhere, levels);
    RowsConfig rows = RowsConfig.read(root);
    GatewayConfig gateway =
        told == null || !troubles.isEmpty() ? told : ResultsReader.fenced(root, told, rows);
    LiveConfig live = LiveReader.read(root);
    WorkerConfig worker = WorkerReader.read(root);
    String openapi = root.read("openapi", "/openapi.json", SettingsReader::path);
    needsDatabase(root, routes, gateway);
    List<String> named = root.texts("ignore-parameters");
    List<String> ignored = root.has("ignore-parameters") ? named : EdgeConfig.TRACKING;
    Set<String> sessions = Set.copyOf(root.texts("session-cookies"));
    boolean trust = root.flag("trust-forwarded", false);
    int loops = root.number("loops", 0, 0);
    root.end();
    if (origin == null || !troubles.isEmpty()) {
      return null;
    }
    return new Settings(
        new EdgeConfig(
            List.of(front),
            origin,
            edgeCache(cache, gateway),
            compression,
            routes,
            ignored,
            sessions,
            trust,
            limits,
            loops),
        gateway,
        changes,
        rows,
        live,
        new OptimizeConfig(everywhere, levels),
        worker,
        openapi.isEmpty() ? null : openapi,
        admin,
        token.isEmpty() ? null : token);
  }

  /// @param levels of optimizing, by pattern, are put here
  private static List<RouteRule> routes(
      Section root, Polish.Level everywhere, Map<String, Polish.Level> levels) {
    List<RouteRule> out = new ArrayList<>();
    for (Section route : root.sections("routes")) {
      Polish.Level level = OptimizeConfig.read(route, everywhere);
      RouteRule rule = RouteReader.read(route);
      if (rule != null) {
        out.add(rule);
        levels.putIfAbsent(rule.match(), level);
      }
    }
    return out;
  }

  private void needsDatabase(
      Section root, List<RouteRule> routes, @Nullable GatewayConfig gateway) {
    boolean needsRows = routes.stream().anyMatch(rule -> rule.rows() != null);
    if (needsRows && gateway == null && troubles.isEmpty()) {
      root.wrong(
          "routes",
          "a route with `cache: rows` or `depends` needs the database whose rows are meant",
          "write `database: postgresql://...`, or give the route a `ttl`");
    }
  }

  /// Empty for none.
  private static String path(String text) {
    if (text.equals("off") || text.equals("no") || text.equals("false")) {
      return "";
    }
    if (!text.startsWith("/") || text.startsWith("/.freshet/")) {
      throw new IllegalArgumentException("'" + text + "' is not a path of the app's, or off");
    }
    return text;
  }

  private HostPort address(
      Section root, String key, @Nullable String flag, String otherwise, int port) {
    HostPort fallback = HostPort.parse(otherwise, port);
    HostPort told = root.read(key, fallback, value -> address(value, port));
    if (flag == null) {
      return told;
    }
    try {
      return address(flag, port);
    } catch (IllegalArgumentException e) {
      troubles.add(new Trouble("--" + key, String.valueOf(e.getMessage()), "correct the flag"));
      return fallback;
    }
  }

  /// A number alone is nearly always meant as a port, and would be taken for a host.
  static HostPort address(String text, int port) {
    if (text.strip().matches("\\d+")) {
      throw new IllegalArgumentException(
          "'" + text + "' is not an address; write it like 127.0.0.1:" + port(text.strip(), port));
    }
    return HostPort.parse(text, port);
  }

  /// Each request would come back as another, until none has a place any more.
  private void refuseItself(@Nullable OriginConfig origin, HostPort listen) {
    boolean isEverywhere = listen.host().equals("0.0.0.0") || listen.host().equals("::");
    for (OriginUrl one : origin == null ? List.<OriginUrl>of() : origin.origins()) {
      HostPort at = one.address();
      // 127.0.0.1, 127.0.0.2 and ::1 are three; localhost may be any.
      boolean isOneOfThem =
          listen.isLoopback()
              && (at.host().equalsIgnoreCase("localhost")
                  || listen.host().equalsIgnoreCase("localhost"));
      boolean isHere = at.isLoopback() && (isEverywhere || isOneOfThem);
      if (at.port() == listen.port() && (isHere || at.host().equals(listen.host()))) {
        troubles.add(
            new Trouble(
                "origin " + one,
                "Freshet itself is to listen there",
                "name the app's own address, or another for Freshet with --listen"));
      }
    }
  }

  /// What they meant, if it can be one.
  private static int port(String digits, int otherwise) {
    int meant = digits.length() > 5 ? 0 : Integer.parseInt(digits);
    return meant > 0 && meant <= 65_535 ? meant : otherwise;
  }

  private FrontConfig front(Section root, HostPort listen) {
    FrontConfig d = FrontConfig.defaults(listen);
    Section tls = root.section("tls");
    String certificate = tls.text("certificate", "");
    String key = tls.text("key", "");
    tls.end();
    certificate = flags.tlsCertificate() != null ? flags.tlsCertificate() : certificate;
    key = flags.tlsKey() != null ? flags.tlsKey() : key;
    boolean isTls = !certificate.isEmpty() && !key.isEmpty();
    if (!isTls && !(certificate + key).isEmpty()) {
      root.wrong("tls", "certificate and key go together", "give both PEM files");
    }
    Section limits = root.section("limits");
    int head = limits.octets("head", d.maxHead(), 1_024);
    int target = limits.octets("target", d.maxTarget(), 256);
    if (target > head) {
      limits.wrong("target", "is more than `head`, which it is in", "lower it, or raise head");
      target = head;
    }
    FrontConfig out =
        new FrontConfig(
            listen,
            isTls ? new FrontConfig.Tls(Path.of(certificate), Path.of(key)) : null,
            limits.number("connections", d.maxConnections(), 1),
            head,
            target,
            limits.number("fields", d.maxFields(), 8),
            limits.size("content", d.maxContent()),
            limits.timeout("head-timeout", d.headTimeout()),
            limits.timeout("idle-timeout", d.idleTimeout()),
            limits.timeout("content-timeout", d.contentTimeout()),
            limits.size("content-rate", d.contentRate()),
            limits.timeout("write-timeout", d.writeTimeout()),
            limits.number("streams", d.maxStreams(), 1));
    limits.end();
    return out;
  }

  private CacheConfig cache(Section root) {
    CacheConfig d = CacheConfig.defaults();
    Section cache = root.section("cache");
    ByteSize memory = cache.read("memory", d.memory(), SettingsReader::memory);
    if (flags.memory() != null) {
      try {
        memory = memory(flags.memory());
      } catch (IllegalArgumentException e) {
        troubles.add(new Trouble("--memory", String.valueOf(e.getMessage()), "correct the flag"));
      }
    }
    int variants = cache.number("variants", d.maxVariants(), 1);
    cache.end();
    return new CacheConfig(memory, variants, second(root));
  }

  /// Results of statements take their part of the memory.
  private static CacheConfig edgeCache(CacheConfig all, @Nullable GatewayConfig gateway) {
    if (gateway == null || !gateway.results().isOn()) {
      return all;
    }
    long results = gateway.results().store().memory().bytes();
    return all.withMemory(new ByteSize(all.memory().bytes() - results));
  }

  private static ByteSize memory(String text) {
    ByteSize size = ByteSize.parse(text);
    return CacheConfig.defaults().withMemory(size).memory();
  }

  private @Nullable SecondTierConfig second(Section root) {
    SecondTierConfig out = null;
    if (root.isGroup("redis")) {
      Section redis = root.section("redis");
      String url = redis.read("url", "", SettingsReader::redis);
      SecondTierConfig d = SecondTierConfig.defaults(url);
      String authorities = redis.text("authorities", "");
      out =
          new SecondTierConfig(
              url,
              redis.timeout("budget", d.budget()),
              redis.number("max-pending", d.maxPending(), 1),
              authorities.isEmpty() ? null : Path.of(authorities));
      if (!redis.has("url")) {
        redis.wrong("url", "is missing", "write `url: redis://127.0.0.1:6379`");
      }
      redis.end();
    } else {
      String url = root.read("redis", "", SettingsReader::redis);
      out = url.isEmpty() ? null : SecondTierConfig.defaults(url);
    }
    if (flags.redis() != null) {
      try {
        String url = redis(flags.redis());
        out =
            out == null
                ? SecondTierConfig.defaults(url)
                : new SecondTierConfig(url, out.budget(), out.maxPending(), out.authorities());
      } catch (IllegalArgumentException e) {
        troubles.add(new Trouble("--redis", String.valueOf(e.getMessage()), "correct the flag"));
      }
    }
    return out;
  }

  /// Checked here, because a wrong one would only be found when a connection is made. The message
  /// doesn't repeat the URL: there may be a password in it.
  private static String redis(String url) {
    try {
      URI uri = new URI(url);
      if (uri.getHost() != null && String.valueOf(uri.getScheme()).matches("rediss?")) {
        return url;
      }
    } catch (URISyntaxException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "this is not a Redis URL; write it like redis://127.0.0.1:6379, special characters of a"
            + " password percent-encoded");
  }

  private static EdgeConfig.Limits limits(Section root) {
    EdgeConfig.Limits d = EdgeConfig.Limits.defaults();
    Section store = root.section("store");
    EdgeConfig.Limits out =
        new EdgeConfig.Limits(
            store.size("max-entry", d.maxEntry()),
            store.size("max-fills", d.maxFills()),
            store.flag("coalesce", d.coalesce()),
            store.duration("coalesce-wait", d.coalesceWait()),
            store.duration("bridge", d.bridge()),
            store.duration("hit-for-miss", d.hitForMiss()),
            store.number("renewals", d.renewals(), 0));
    store.end();
    return out;
  }

  private static CompressionConfig compression(Section root) {
    CompressionConfig d = CompressionConfig.defaults();
    if (!root.isGroup("compression")) {
      boolean on = root.flag("compression", true);
      return new CompressionConfig(on, d.minBytes(), d.maxBytes(), d.threads(), d.maxPending());
    }
    Section section = root.section("compression");
    CompressionConfig out =
        new CompressionConfig(
            section.flag("enabled", true),
            section.octets("min", d.minBytes(), 0),
            section.size("max", d.maxBytes()),
            section.number("threads", d.threads(), 1),
            d.maxPending());
    section.end();
    return out;
  }

  static <E extends Enum<E>> E choice(String value, Class<E> of) {
    String name = value.toUpperCase(Locale.ROOT).replace('-', '_');
    List<String> known = new ArrayList<>();
    for (E candidate : of.getEnumConstants()) {
      if (candidate.name().equals(name)) {
        return candidate;
      }
      known.add(candidate.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }
    throw new IllegalArgumentException("'" + value + "' is not one of " + String.join(", ", known));
  }
}
