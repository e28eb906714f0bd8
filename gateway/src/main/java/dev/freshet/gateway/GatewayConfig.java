package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import dev.freshet.pgwire.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the gateway is told.
///
/// @param database the server; its user may connect here with the same password
/// @param users further users and what proves them; they log in to the server with what they proved
/// @param tls what to offer clients, or null for clear text only
/// @param results which results of statements are kept
/// @param replicas that may be read from
public record GatewayConfig(
    HostPort listen,
    DatabaseUrl database,
    Map<String, Secret> users,
    PoolConfig pool,
    Limits limits,
    @Nullable Tls tls,
    ResultsConfig results,
    Login login,
    Standbys replicas) {

  /// Without results kept and replicas, and with logins as they usually are.
  public GatewayConfig(
      HostPort listen,
      DatabaseUrl database,
      Map<String, Secret> users,
      PoolConfig pool,
      Limits limits,
      @Nullable Tls tls) {
    this(
        listen,
        database,
        users,
        pool,
        limits,
        tls,
        ResultsConfig.off(),
        Login.defaults(),
        Standbys.none());
  }

  public GatewayConfig withReplicas(Standbys read) {
    return new GatewayConfig(listen, database, users, pool, limits, tls, results, login, read);
  }

  public GatewayConfig withResults(ResultsConfig kept) {
    return new GatewayConfig(listen, database, users, pool, limits, tls, kept, login, replicas);
  }

  /// Standbys of the server that may be read from.
  ///
  /// @param lag how far behind one may be and still be read from
  public record Standbys(List<HostPort> hosts, Duration lag) {
    public Standbys {
      hosts = List.copyOf(hosts);
    }

    public static Standbys none() {
      return new Standbys(List.of(), Duration.ofSeconds(5));
    }
  }

  /// How clients log in.
  ///
  /// @param inClear asks for the password itself, for clients too old for SCRAM; only under TLS
  /// @param query finds a user's secret on the server, `$1` being the name; empty for none
  public record Login(boolean inClear, String query) {
    public static Login defaults() {
      return new Login(false, "");
    }
  }

  /// @param certificate chain, PEM
  /// @param key PKCS#8, PEM
  public record Tls(Path certificate, Path key) {}

  /// @param size server connections for each user and database, at most
  /// @param queueTimeout how long a client may wait for one
  /// @param maxAge after which an idle one is replaced
  /// @param maxIdle after which an idle one is closed
  public record PoolConfig(
      int size, PoolMode mode, Duration queueTimeout, Duration maxAge, Duration maxIdle) {
    public PoolConfig {
      if (size < 1) {
        throw new IllegalArgumentException("pool.size is at least 1");
      }
    }

    public static PoolConfig defaults() {
      return new PoolConfig(
          20,
          PoolMode.TRANSACTION,
          Duration.ofSeconds(30),
          Duration.ofHours(1),
          Duration.ofMinutes(10));
    }
  }

  /// @param maxClients connections from clients; the next is told 53300
  /// @param maxPrepared statements kept prepared on one server connection
  /// @param maxStatements statements one client may keep prepared
  /// @param statistics fingerprints whose statistics are kept; zero keeps none
  /// @param login how long logging in may take, either way
  /// @param idleInTransaction how long a transaction may sit idle; zero for ever
  /// @param statement how long a statement, or a batch up to its Sync, may run; zero for ever
  /// @param keepalive silence after which a peer is asked for a sign of life; zero for never
  /// @param maxMessage octets of one message that has to be whole before it can be read
  public record Limits(
      int maxClients,
      int maxPrepared,
      int maxStatements,
      int statistics,
      Duration login,
      Duration idleInTransaction,
      Duration statement,
      Duration keepalive,
      int maxMessage) {
    /// Room for what dumps put into one statement.
    private static final int MAX_MESSAGE = 64 << 20;

    public static Limits defaults() {
      return new Limits(
          10_000,
          500,
          5_000,
          1_000,
          Duration.ofSeconds(15),
          Duration.ZERO,
          Duration.ZERO,
          Duration.ofMinutes(1),
          MAX_MESSAGE);
    }
  }

  public static GatewayConfig of(HostPort listen, DatabaseUrl database) {
    return new GatewayConfig(
        listen, database, Map.of(), PoolConfig.defaults(), Limits.defaults(), null);
  }
}
