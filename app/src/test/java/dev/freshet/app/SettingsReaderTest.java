package dev.freshet.app;

import static dev.freshet.app.Reading.ORIGIN;
import static dev.freshet.app.Reading.read;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.assets.WorkerConfig;
import dev.freshet.base.ByteSize;
import dev.freshet.base.HostPort;
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
import dev.freshet.gateway.DatabaseUrl;
import dev.freshet.gateway.GatewayConfig;
import dev.freshet.gateway.PoolMode;
import dev.freshet.gateway.ResultsConfig;
import dev.freshet.gateway.ResultsConfig.Life;
import dev.freshet.live.LiveConfig;
import dev.freshet.pgwire.PlainPassword;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/// What each key of docs/config.md says to the program.
class SettingsReaderTest {
  /// Every key, with a value that is not its default.
  static final String EVERYTHING =
      """
      listen: 127.0.0.1:81
      origin:
        urls: [http://127.0.0.1:3000, 'https://app.example']
        protocol: h2
        host-header: origin
        connections: 11
        waiting: 12
        idle-timeout: 13s
        max-age: 14m
        connect-timeout: 15s
        connection-wait: 16s
        response-timeout: 17s
        content-timeout: 18s
        tunnel-timeout: 19s
        tries: 20
        concurrency: 24
        queue-wait: 25s
        queue-ahead: /healthz
        failures: 21
        all-down: refuse
        check: { path: /health, every: 22s, within: 23s, status: 204 }
        tls: { authorities: ca.pem, verify: off }
      admin: 0.0.0.0:82
      token: a-token-of-more-than-16
      tls: { certificate: chain.pem, key: key.pem }
      redis: { url: 'rediss://:secret@cache.example:6380/1', budget: 24ms, max-pending: 25, authorities: redis.pem }
      cache: { memory: 26MB, variants: 27 }
      store:
        max-entry: 28MB
        max-fills: 29MB
        coalesce: off
        coalesce-wait: 30s
        bridge: 31s
        hit-for-miss: 32s
        renewals: 5
      compression: { enabled: off, min: 33, max: 34MB, threads: 2 }
      routes:
        - match: /api/**
          cache: off
          ttl: 35s
          share: by-user
          user-cookies: [sid, uid]
          stale-while-revalidate: 36s
          stale-if-error: 37s
          compress: off
          optimize: off
        - match: /static/*
          share: public
          browser-ttl: 36m
        - match: /parts/*
          cache: rows
          unshown: [parts.cost]
          unshown-beside: [parts.stock]
        - match: /shop/*
          depends: [products, app.brands]
          paginate:
            size: 38
            max-size: 39
            max-page: 40KB
            max-list: 41MB
            path: /data/items
            key: /sku
            limit: per_page
            cursor: after
            fields: only
      openapi: /docs/api.json
      rows: { fence: off, visitor-tables: [sessions], jobs: [nightly] }
      live:
        enabled: on
        origins: [https://Friend.example]
        max-clients: 31
        max-per-address: 32
        max-urls: 33
        max-content: 34KB
        max-fetches: 35
        heartbeat: 36s
      optimize: full
      service-worker:
        enabled: on
        offline: /gone.html
        max-entries: 37
        max-size: 41KB
        ahead: 42KB
      ignore-parameters: [from, 'x_*']
      session-cookies: [shopper]
      trust-forwarded: on
      limits:
        connections: 38
        head: 39KB
        target: 4KB
        fields: 40
        content: 41MB
        head-timeout: 42s
        idle-timeout: 43s
        content-timeout: 44s
        content-rate: 47MB
        write-timeout: 45s
        streams: 46
      loops: 3
      database: postgresql://app:p%40ss@db.example:5433/shop?sslmode=require
      gateway:
        listen: 127.0.0.1:47
        users: '${USERS:-}'
        pool: { size: 48, mode: session, queue-timeout: 49s, max-age: 50m, max-idle: 51m }
        max-clients: 52
        max-prepared: 53
        max-statements: 54
        statistics: 57
        login-timeout: 55s
        idle-in-transaction: 56s
        statement-timeout: 58s
        keepalive: 59s
        max-message: 61MB
        login: password
        replicas: [one.example, 'two.example:5434']
        replica-lag: 63s
        auth-query: select $1, secret from users
        tls: { certificate: pg.pem, key: pg.key }
        fence: 62s
        cache:
          memory: 12MB
          max-result: 2MB
          rows: on
          comments: on
          rules:
            - { table: shop.products, ttl: 58s }
            - { table: stocks, cache: rows }
            - { table: prices, cache: rows, ttl: 61s }
            - { table: categories, ttl: 59s }
            - { fingerprint: 'f000000000000001', ttl: 60s }
      changes: { enabled: on, max-lag: 58s, publication: p59, slot: s60 }
      """;

  private static Duration seconds(long count) {
    return Duration.ofSeconds(count);
  }

  private static ByteSize megabytes(long count) {
    return new ByteSize(count << 20);
  }

  @Test
  void understandsEveryKey() {
    Settings all = read(EVERYTHING);
    assertThat(all.rows()).isEqualTo(new RowsConfig(null, List.of("sessions"), Set.of("nightly")));
    assertThat(all.admin()).isEqualTo(new HostPort("0.0.0.0", 82));
    assertThat(all.token()).isEqualTo("a-token-of-more-than-16");
    EdgeConfig edge = all.edge();
    assertThat(edge.fronts())
        .containsExactly(
            new FrontConfig(
                new HostPort("127.0.0.1", 81),
                new FrontConfig.Tls(Path.of("chain.pem"), Path.of("key.pem")),
                38,
                39 << 10,
                4 << 10,
                40,
                megabytes(41),
                seconds(42),
                seconds(43),
                seconds(44),
                megabytes(47),
                seconds(45),
                46));
    assertThat(edge.cache())
        .isEqualTo(
            new CacheConfig(
                // Less what results of statements take.
                megabytes(26 - 12),
                27,
                new SecondTierConfig(
                    "rediss://:secret@cache.example:6380/1",
                    Duration.ofMillis(24),
                    25,
                    Path.of("redis.pem"))));
    assertThat(edge.compression())
        .isEqualTo(
            new CompressionConfig(
                false, 33, megabytes(34), 2, CompressionConfig.defaults().maxPending()));
    assertThat(edge.ignoredParameters()).containsExactly("from", "x_*");
    assertThat(edge.sessionCookies()).containsExactly("shopper");
    assertThat(edge.trustForwarded()).isTrue();
    assertThat(edge.limits())
        .isEqualTo(
            new EdgeConfig.Limits(
                megabytes(28), megabytes(29), false, seconds(30), seconds(31), seconds(32), 5));
    assertThat(edge.loops()).isEqualTo(3);
  }

  @Test
  void understandsEveryKeyAboutTheGateway(@TempDir Path folder) throws IOException {
    Path users = Files.writeString(folder.resolve("users.txt"), "\"reader\" \"secret\"\n");
    GatewayConfig told =
        Objects.requireNonNull(read(EVERYTHING.replace("${USERS:-}", users.toString())).gateway());
    assertThat(told)
        .isEqualTo(
            new GatewayConfig(
                new HostPort("127.0.0.1", 47),
                new DatabaseUrl(
                    new HostPort("db.example", 5433),
                    "shop",
                    "app",
                    "p@ss",
                    DatabaseUrl.SslMode.REQUIRE),
                Map.of("reader", new PlainPassword("secret")),
                new GatewayConfig.PoolConfig(
                    48,
                    PoolMode.SESSION,
                    seconds(49),
                    Duration.ofMinutes(50),
                    Duration.ofMinutes(51)),
                new GatewayConfig.Limits(
                    52, 53, 54, 57, seconds(55), seconds(56), seconds(58), seconds(59), 61 << 20),
                new GatewayConfig.Tls(Path.of("pg.pem"), Path.of("pg.key")),
                new ResultsConfig(
                    new CacheConfig(
                        megabytes(12),
                        1,
                        new SecondTierConfig(
                            "rediss://:secret@cache.example:6380/1",
                            Duration.ofMillis(24),
                            25,
                            Path.of("redis.pem"))),
                    megabytes(2),
                    List.of(
                        new ResultsConfig.ByTable("shop", "products", Life.ttl(seconds(58))),
                        new ResultsConfig.ByTable(null, "stocks", Life.rows()),
                        new ResultsConfig.ByTable(null, "prices", new Life(true, seconds(61))),
                        new ResultsConfig.ByTable(null, "categories", Life.ttl(seconds(59))),
                        new ResultsConfig.ByFingerprint(
                            0xf000000000000001L, Life.ttl(seconds(60)))),
                    true,
                    true,
                    seconds(62)),
                new GatewayConfig.Login(true, "select $1, secret from users"),
                new GatewayConfig.Standbys(
                    List.of(new HostPort("one.example", 5432), new HostPort("two.example", 5434)),
                    seconds(63))));
  }

  @Test
  void understandsEveryKeyAboutOrigins() {
    OriginConfig told = read(EVERYTHING).edge().origin();
    OriginConfig d = OriginConfig.defaults(told.origins());
    assertThat(told)
        .isEqualTo(
            new OriginConfig(
                List.of(
                    OriginUrl.parse("http://127.0.0.1:3000"),
                    OriginUrl.parse("https://app.example")),
                OriginConfig.Protocol.H2,
                OriginConfig.HostHeader.ORIGIN,
                new OriginConfig.Pool(
                    11, 12, seconds(13), Duration.ofMinutes(14), d.pool().http2ConnectionsMax()),
                new OriginConfig.Waits(
                    seconds(15), seconds(16), seconds(17), seconds(18), seconds(19)),
                new OriginConfig.Tries(
                    20, d.tries().heldContent(), d.tries().headMax(), d.tries().fieldsMax()),
                new OriginConfig.Admission(true, 24, seconds(25), 12, List.of("/healthz")),
                new OriginConfig.Health(
                    21,
                    d.health().ejection(),
                    d.health().ejectionMax(),
                    OriginConfig.AllDown.REFUSE,
                    new OriginConfig.Check("/health", seconds(22), seconds(23), 204)),
                new OriginConfig.Tls(Path.of("ca.pem"), false)));
  }

  @Test
  void letsTheAppBeGivenAnyNumberAtATime() {
    assertThat(read("origin: {urls: http://a:1, concurrency: off}").edge().origin().admission())
        .isEqualTo(new OriginConfig.Admission(false, 256, seconds(1), 1_024, List.of()));
    assertThat(Reading.troubles("origin: {urls: http://a:1, concurrency: -3}"))
        .anySatisfy(text -> assertThat(text).contains("'-3' is not off or a number from 1"));
  }

  @Test
  void understandsEveryKeyAboutLiveUpdates() {
    assertThat(read(EVERYTHING).live())
        .isEqualTo(
            new LiveConfig(
                Set.of("https://friend.example"),
                31,
                32,
                33,
                new ByteSize(34 << 10),
                35,
                Duration.ofSeconds(36),
                true));
    assertThat(read(ORIGIN + "live: off").live()).isNull();
  }

  @Test
  void understandsWhereTheAppsDescriptionIs() {
    assertThat(read(EVERYTHING).openapi()).isEqualTo("/docs/api.json");
    assertThat(read(ORIGIN + "openapi: off").openapi()).isNull();
    assertThat(Reading.troublesOf("openapi: docs.json").getFirst())
        .contains("is not a path of the app's");
  }

  /// The example above leaves no documented key out, and has none that is not documented.
  @Test
  void hasTheKeysOfTheManualAndNoOthers() throws IOException {
    Map<String, Set<String>> manual = manual();
    Map<?, ?> example = new Yaml(new SafeConstructor(new LoaderOptions())).load(EVERYTHING);
    assertThat(names(example)).isEqualTo(manual.get("# Configuration"));
    assertThat(names(example.get("origin"))).isEqualTo(manual.get("## `origin` as a group"));
    Set<String> ofRoutes = new TreeSet<>();
    ((List<?>) Objects.requireNonNull(example.get("routes")))
        .forEach(route -> ofRoutes.addAll(names(route)));
    assertThat(ofRoutes).isEqualTo(manual.get("## `routes`"));
    Map<?, ?> last =
        (Map<?, ?>) ((List<?>) Objects.requireNonNull(example.get("routes"))).getLast();
    assertThat(names(last.get("paginate"))).isEqualTo(manual.get("## `paginate` of a route"));
    assertThat(names(example.get("rows"))).isEqualTo(manual.get("## `rows`"));
    assertThat(names(example.get("live"))).isEqualTo(manual.get("## `live`"));
    assertThat(names(example.get("service-worker"))).isEqualTo(manual.get("## `service-worker`"));
    assertThat(names(example.get("store"))).isEqualTo(manual.get("## `store`"));
    assertThat(names(example.get("limits"))).isEqualTo(manual.get("## `limits`"));
    assertThat(names(example.get("gateway"))).isEqualTo(manual.get("## `gateway`"));
    Map<?, ?> gateway = (Map<?, ?>) Objects.requireNonNull(example.get("gateway"));
    assertThat(names(gateway.get("cache"))).isEqualTo(manual.get("## `gateway.cache`"));
    assertThat(names(gateway.get("pool"))).isEqualTo(manual.get("## `gateway.pool`"));
    assertThat(names(example.get("changes"))).isEqualTo(manual.get("## `changes`"));
    assertThat(manual).hasSize(13);
  }

  private static Set<String> names(@Nullable Object group) {
    Set<String> out = new TreeSet<>();
    ((Map<?, ?>) Objects.requireNonNull(group))
        .keySet()
        .forEach(key -> out.add(String.valueOf(key)));
    return out;
  }

  /// Heading to the first column of its table.
  private static Map<String, Set<String>> manual() throws IOException {
    Pattern row = Pattern.compile("\\| `([a-z-]+)` \\|.*");
    Map<String, Set<String>> out = new TreeMap<>();
    String heading = "";
    for (String line : Files.readAllLines(Checkout.root().resolve("docs/config.md"))) {
      Matcher key = row.matcher(line);
      if (line.startsWith("#")) {
        heading = line;
      } else if (key.matches()) {
        out.computeIfAbsent(heading, h -> new TreeSet<>()).add(key.group(1));
      }
    }
    return out;
  }

  @Test
  void needsNothingButAnOrigin() {
    Settings settings = read(ORIGIN);
    OriginConfig origin = OriginConfig.defaults(List.of(OriginUrl.parse("http://127.0.0.1:3000")));
    FrontConfig front = FrontConfig.defaults(new HostPort("0.0.0.0", 8080));
    assertThat(settings)
        .isEqualTo(
            new Settings(
                EdgeConfig.defaults(front, origin),
                null,
                null,
                RowsConfig.defaults(),
                LiveConfig.defaults(),
                new OptimizeConfig(Polish.Level.SAFE, Map.of()),
                WorkerConfig.off(),
                "/openapi.json",
                new HostPort("127.0.0.1", 8090),
                null));
  }

  @Test
  void browsersGetAWorkerOnlyWhereThatIsSaid() {
    assertThat(read(ORIGIN + "service-worker: on").worker()).isEqualTo(WorkerConfig.on());
    String offline = ORIGIN + "service-worker: {offline: /offline.html, max-size: 1MB}";
    WorkerConfig d = WorkerConfig.on();
    ByteSize most = new ByteSize(1L << 20);
    assertThat(read(offline).worker())
        .isEqualTo(new WorkerConfig(true, "/offline.html", d.maxEntries(), most, d.ahead()));
    assertThat(read(ORIGIN + "service-worker: {enabled: off}").worker().isOn()).isFalse();
  }

  @Test
  void optimizesAsFarAsToldEverywhereOrOnARoute() {
    assertThat(read(ORIGIN + "optimize: off").optimize().on("/a")).isEqualTo(Polish.Level.OFF);
    OptimizeConfig told =
        read(ORIGIN + "optimize: full\nroutes: [{match: /a, optimize: off}, {match: /b}]")
            .optimize();
    assertThat(told.on("/a")).isEqualTo(Polish.Level.OFF);
    assertThat(told.on("/b")).isEqualTo(Polish.Level.FULL);
    assertThat(told.on("/**")).isEqualTo(Polish.Level.FULL);
    assertThat(read(ORIGIN + "routes: [{match: /a}]").optimize().on("/a"))
        .isEqualTo(Polish.Level.SAFE);
  }

  @Test
  void followsTheDatabaseUnlessToldNotTo() {
    String database = "database: postgresql://app:p%40ss@db.example:5433/shop?sslmode=verify-ca\n";
    ChangesConfig changes = read(ORIGIN + database).changes();
    assertThat(changes)
        .isEqualTo(
            ChangesConfig.of(new HostPort("db.example", 5433), "shop", "app", "p@ss", "verify-ca"));
    assertThat(read(ORIGIN + database + "changes: { enabled: off }").changes()).isNull();
    assertThat(read(ORIGIN).changes()).isNull();
    assertThat(read(EVERYTHING).changes())
        .isEqualTo(
            new ChangesConfig(
                List.of(new HostPort("db.example", 5433)),
                "shop",
                "app",
                "p@ss",
                "require",
                "p59",
                "s60",
                seconds(58)));
    assertThat(Reading.troublesOf(database + "changes: { slot: 'No Slot' }"))
        .singleElement()
        .asString()
        .contains("changes.slot takes 1 to 40");
  }

  @Test
  void takesOneOriginOrAListOrAGroup() {
    List<OriginUrl> one = List.of(OriginUrl.parse("http://127.0.0.1:3000"));
    assertThat(read(ORIGIN).edge().origin().origins()).isEqualTo(one);
    assertThat(read("origin: [http://127.0.0.1:3000]").edge().origin().origins()).isEqualTo(one);
    assertThat(read("origin: {urls: http://127.0.0.1:3000}").edge().origin().origins())
        .isEqualTo(one);
    assertThat(read("origin:\n- http://a:1\n- http://b:2\n").edge().origin().origins())
        .containsExactly(OriginUrl.parse("http://a:1"), OriginUrl.parse("http://b:2"));
  }

  @ParameterizedTest
  @CsvSource({"on, true", "true, true", "yes, true", "off, false", "false, false", "no, false"})
  void readsSwitchesAsPeopleWriteThem(String word, boolean meant) {
    Settings told =
        read(
            ORIGIN
                + "compression: %s\ntrust-forwarded: %s\nroutes: [{match: /, cache: %s}]"
                    .formatted(word, word, word));
    assertThat(told.edge().compression().enabled()).isEqualTo(meant);
    assertThat(told.edge().trustForwarded()).isEqualTo(meant);
    assertThat(told.edge().routes().getFirst().cache()).isEqualTo(meant);
  }

  @Test
  void takesARedisUrlAlone() {
    assertThat(read(ORIGIN + "redis: redis://127.0.0.1").edge().cache().second())
        .isEqualTo(SecondTierConfig.defaults("redis://127.0.0.1"));
  }

  @Test
  void takesAnEmptyValueForAnAbsentOne() {
    Settings told =
        read(
            ORIGIN
                + "listen:\ncache:\nroutes:\n  - match: /a\n    ttl:\nlimits: null\nredis: ''\n"
                + "session-cookies:\n");
    assertThat(told.edge().routes()).containsExactly(RouteRule.plain("/a"));
    assertThat(told.edge().cache()).isEqualTo(CacheConfig.defaults());
    assertThat(told.edge().fronts().getFirst().listen().port()).isEqualTo(8080);
  }

  @Test
  void replacesTheIgnoredParametersByAListEvenAnEmptyOne() {
    assertThat(read(ORIGIN).edge().ignoredParameters()).isEqualTo(EdgeConfig.TRACKING);
    assertThat(read(ORIGIN + "ignore-parameters: []").edge().ignoredParameters()).isEmpty();
  }

  @Test
  void letsFlagsWinOverTheFile() {
    SettingsReader.Flags flags =
        new SettingsReader.Flags(
            "127.0.0.1:1",
            List.of("http://flag:2"),
            "127.0.0.1:3",
            "a-token-from-the-flag",
            "redis://flag:4",
            "30MB",
            "flag-chain.pem",
            "flag-key.pem",
            null);
    Settings told = read(EVERYTHING, flags);
    FrontConfig front = told.edge().fronts().getFirst();
    assertThat(front.listen()).isEqualTo(new HostPort("127.0.0.1", 1));
    assertThat(told.edge().origin().origins()).containsExactly(OriginUrl.parse("http://flag:2"));
    assertThat(told.admin()).isEqualTo(new HostPort("127.0.0.1", 3));
    assertThat(told.token()).isEqualTo("a-token-from-the-flag");
    assertThat(told.edge().cache().second())
        .isEqualTo(
            new SecondTierConfig(
                "redis://flag:4", Duration.ofMillis(24), 25, Path.of("redis.pem")));
    assertThat(told.edge().cache().memory()).isEqualTo(megabytes(30 - 12));
    assertThat(front.tls())
        .isEqualTo(new FrontConfig.Tls(Path.of("flag-chain.pem"), Path.of("flag-key.pem")));
    assertThat(told.edge().origin().tries().max())
        .as("what no flag speaks of stays with the file")
        .isEqualTo(20);
  }

  @Test
  void needsNoFileWhereAFlagNamesTheOrigin() {
    SettingsReader.Flags flags =
        new SettingsReader.Flags(
            null, List.of("http://127.0.0.1:3000"), null, null, null, null, null, null, null);
    assertThat(read("", flags)).isEqualTo(read(ORIGIN));
  }

  @Test
  void putsTheEnvironmentIn() {
    Map<String, String> environment =
        Map.of("APP", "http://app:3000", "FRESHET_TOKEN", "a-secret-of-some-length");
    Settings told =
        SettingsReader.read(
            "freshet.yaml",
            "origin: ${APP}\ntoken: ${FRESHET_TOKEN}\nlisten: 127.0.0.1:${PORT:-99}\n",
            SettingsReader.Flags.NONE,
            environment::get);
    assertThat(told.edge().origin().origins()).containsExactly(OriginUrl.parse("http://app:3000"));
    assertThat(told.token()).isEqualTo("a-secret-of-some-length");
    assertThat(told.edge().fronts().getFirst().listen().port()).isEqualTo(99);
  }
}
