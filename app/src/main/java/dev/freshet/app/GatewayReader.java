package dev.freshet.app;

import dev.freshet.base.HostPort;
import dev.freshet.base.Trouble;
import dev.freshet.cache.CacheConfig;
import dev.freshet.gateway.DatabaseUrl;
import dev.freshet.gateway.GatewayConfig;
import dev.freshet.gateway.PoolMode;
import dev.freshet.gateway.ResultsConfig;
import dev.freshet.pgwire.Secret;
import dev.freshet.pgwire.Userlist;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads `database` and `gateway`.
final class GatewayReader {
  private GatewayReader() {}

  /// @param flag what `--database` says, or null
  /// @return null where there is no database, or something in it is wrong
  /// @param cache of which results of statements get a part
  static @Nullable GatewayConfig read(
      Section root, @Nullable String flag, CacheConfig cache, List<Trouble> troubles) {
    DatabaseUrl told = root.<@Nullable DatabaseUrl>read("database", null, DatabaseUrl::parse);
    DatabaseUrl database = flag == null ? told : flagged(flag, troubles);
    Section section = root.section("gateway");
    HostPort listen =
        section.read(
            "listen",
            new HostPort("127.0.0.1", 6432),
            value -> SettingsReader.address(value, 6432));
    GatewayConfig.PoolConfig pool = pool(section.section("pool"));
    GatewayConfig.Limits limits = limits(section);
    Map<String, Secret> users = section.read("users", Map.of(), GatewayReader::users);
    ResultsConfig results = ResultsReader.read(section, cache);
    GatewayConfig.Login d = GatewayConfig.Login.defaults();
    GatewayConfig.Login login =
        new GatewayConfig.Login(
            section.read("login", d.inClear(), GatewayReader::isInClear),
            section.read("auth-query", d.query(), GatewayReader::query));
    GatewayConfig.Standbys replicas =
        new GatewayConfig.Standbys(
            section.list("replicas", value -> SettingsReader.address(value, 5432)),
            section.timeout("replica-lag", GatewayConfig.Standbys.none().lag()));
    Section tls = section.section("tls");
    String certificate = tls.text("certificate", "");
    String key = tls.text("key", "");
    tls.end();
    section.end();
    if (certificate.isEmpty() != key.isEmpty()) {
      section.wrong("tls", "certificate and key go together", "give both PEM files");
    }
    if (database == null) {
      if (root.has("gateway") && !root.has("database")) {
        root.wrong("gateway", "there is no database", "write `database: postgresql://...` too");
      }
      return null;
    }
    return new GatewayConfig(
        listen,
        database,
        users,
        pool,
        limits,
        certificate.isEmpty() || key.isEmpty()
            ? null
            : new GatewayConfig.Tls(Path.of(certificate), Path.of(key)),
        results,
        login,
        replicas);
  }

  private static boolean isInClear(String value) {
    return switch (value) {
      case "scram" -> false;
      case "password" -> true;
      default -> throw new IllegalArgumentException("it is scram or password");
    };
  }

  private static String query(String value) {
    if (!value.isEmpty() && !value.contains("$1")) {
      throw new IllegalArgumentException("it must ask for the user named $1");
    }
    return value;
  }

  private static @Nullable DatabaseUrl flagged(String flag, List<Trouble> troubles) {
    try {
      return DatabaseUrl.parse(flag);
    } catch (IllegalArgumentException e) {
      troubles.add(new Trouble("--database", String.valueOf(e.getMessage()), "correct the flag"));
      return null;
    }
  }

  private static Map<String, Secret> users(String file) {
    if (file.isEmpty()) {
      return Map.of();
    }
    try {
      return Userlist.parse(file, Files.readString(Path.of(file))).users();
    } catch (Trouble.Found e) {
      throw new IllegalArgumentException(e.troubles().getFirst().line(), e);
    } catch (IOException e) {
      throw new IllegalArgumentException("the file " + file + " can't be read", e);
    }
  }

  private static GatewayConfig.PoolConfig pool(Section section) {
    GatewayConfig.PoolConfig d = GatewayConfig.PoolConfig.defaults();
    GatewayConfig.PoolConfig out =
        new GatewayConfig.PoolConfig(
            section.number("size", d.size(), 1),
            section.read("mode", d.mode(), value -> SettingsReader.choice(value, PoolMode.class)),
            section.timeout("queue-timeout", d.queueTimeout()),
            section.timeout("max-age", d.maxAge()),
            section.timeout("max-idle", d.maxIdle()));
    section.end();
    return out;
  }

  private static GatewayConfig.Limits limits(Section section) {
    GatewayConfig.Limits d = GatewayConfig.Limits.defaults();
    return new GatewayConfig.Limits(
        section.number("max-clients", d.maxClients(), 1),
        section.number("max-prepared", d.maxPrepared(), 1),
        section.number("max-statements", d.maxStatements(), 1),
        section.number("statistics", d.statistics(), 0),
        section.timeout("login-timeout", d.login()),
        section.duration("idle-in-transaction", d.idleInTransaction()),
        section.duration("statement-timeout", d.statement()),
        section.duration("keepalive", d.keepalive()),
        section.octets("max-message", d.maxMessage(), 1 << 16));
  }
}
