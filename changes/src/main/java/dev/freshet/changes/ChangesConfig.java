package dev.freshet.changes;

import dev.freshet.base.HostPort;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What the change feed is told.
///
/// @param servers the PostgreSQL server itself, not a pooler before it; of several the primary
/// @param sslMode as libpq's `sslmode`
/// @param publication its name; made where it is missing and the user may
/// @param slotPrefix begins the names of the temporary replication slots
/// @param maxLag while the feed is further behind than this, nothing is vouched for
public record ChangesConfig(
    List<HostPort> servers,
    String database,
    String user,
    String password,
    String sslMode,
    String publication,
    String slotPrefix,
    Duration maxLag) {
  /// As the names of slots are restricted.
  private static final Pattern NAME = Pattern.compile("[a-z0-9_]{1,40}");

  public static final String PUBLICATION = "freshet";
  public static final String SLOT_PREFIX = "freshet";

  /// Long enough for a checkpoint on a busy disk, short enough that nobody is shown yesterday.
  public static final Duration MAX_LAG = Duration.ofSeconds(5);

  public ChangesConfig {
    servers = List.copyOf(servers);
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("there is no server");
    }
    name("publication", publication);
    name("slot", slotPrefix);
    if (maxLag.compareTo(Duration.ofMillis(100)) < 0) {
      throw new IllegalArgumentException("changes.max-lag is 100ms at least");
    }
  }

  private static void name(String what, String given) {
    if (!NAME.matcher(given).matches()) {
      throw new IllegalArgumentException(
          "changes." + what + " takes 1 to 40 of a-z, 0-9 and _, not '" + given + "'");
    }
  }

  public static ChangesConfig of(
      HostPort server, String database, String user, String password, String sslMode) {
    return of(List.of(server), database, user, password, sslMode);
  }

  public static ChangesConfig of(
      List<HostPort> servers, String database, String user, String password, String sslMode) {
    return new ChangesConfig(
        servers, database, user, password, sslMode, PUBLICATION, SLOT_PREFIX, MAX_LAG);
  }

  /// The same on one of its servers.
  ChangesConfig at(HostPort server) {
    return new ChangesConfig(
        List.of(server), database, user, password, sslMode, publication, slotPrefix, maxLag);
  }

  /// The first one.
  public HostPort server() {
    return servers.getFirst();
  }

  public ChangesConfig withMaxLag(Duration lag) {
    return new ChangesConfig(
        servers, database, user, password, sslMode, publication, slotPrefix, lag);
  }

  public ChangesConfig withPublication(String name) {
    return new ChangesConfig(servers, database, user, password, sslMode, name, slotPrefix, maxLag);
  }

  /// Never shows the password.
  @Override
  public String toString() {
    String hosts = servers.stream().map(HostPort::toString).collect(Collectors.joining(","));
    return "postgresql://" + user + "@" + hosts + "/" + database;
  }
}
