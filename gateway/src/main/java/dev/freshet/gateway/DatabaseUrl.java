package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A PostgreSQL server, a database on it and a user (PostgreSQL documentation, section "Connection
/// URIs"). Its text never shows the password.
///
/// @param servers the hosts that may have it; several are one primary and who may take over from it
/// @param isTlsDirect `sslnegotiation=direct`: TLS from the first octet (PostgreSQL 17)
public record DatabaseUrl(
    List<HostPort> servers,
    String database,
    String user,
    String password,
    SslMode sslMode,
    boolean isTlsDirect,
    Target target) {

  /// A limit, as everything has one.
  private static final int MAX_HOSTS = 16;

  public DatabaseUrl {
    servers = List.copyOf(servers);
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("there is no host");
    }
    if (servers.size() > 1 && target == Target.ANY) {
      throw new IllegalArgumentException(
          "with several hosts target_session_attrs is read-write or primary: all clients and the"
              + " change feed need the same server");
    }
  }

  public DatabaseUrl(
      HostPort server,
      String database,
      String user,
      String password,
      SslMode sslMode,
      boolean isTlsDirect) {
    this(List.of(server), database, user, password, sslMode, isTlsDirect, Target.ANY);
  }

  public DatabaseUrl(
      HostPort server, String database, String user, String password, SslMode sslMode) {
    this(server, database, user, password, sslMode, false);
  }

  /// The first one.
  public HostPort server() {
    return servers.getFirst();
  }

  /// The same on one of its hosts.
  DatabaseUrl at(HostPort host) {
    return new DatabaseUrl(List.of(host), database, user, password, sslMode, isTlsDirect, target);
  }

  /// As libpq's `target_session_attrs`. What it calls `standby`, `prefer-standby` and `read-only`
  /// is not offered: a gateway passes on writes.
  public enum Target {
    ANY,
    READ_WRITE,
    PRIMARY
  }

  /// As libpq's `sslmode`; what libpq calls `allow` is not offered.
  public enum SslMode {
    DISABLE,
    PREFER,
    REQUIRE,
    VERIFY_CA,
    VERIFY_FULL
  }

  /// @throws IllegalArgumentException that shows the accepted form, never the password
  public static DatabaseUrl parse(String text) {
    Matcher shape = SHAPE.matcher(text.strip());
    if (!shape.matches()) {
      throw new IllegalArgumentException(FORM);
    }
    URI uri;
    try {
      // Java's own class knows no list of hosts.
      uri = new URI("postgresql://" + LISTED + shape.group("rest"));
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("it is not a URL (" + e.getReason() + "); " + FORM);
    }
    String[] credentials = shape.group("credentials").split(":", 2);
    List<HostPort> servers = hosts(shape.group("hosts"));
    String user = decoded(credentials[0]);
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    String database = path.length() > 1 ? decoded(path.substring(1)) : user;
    Map<String, String> options = options(uri.getRawQuery());
    String modeText = options.remove("sslmode");
    SslMode mode = modeText == null ? SslMode.PREFER : mode(modeText);
    boolean isDirect = isDirect(options.remove("sslnegotiation"));
    if (isDirect && mode.compareTo(SslMode.REQUIRE) < 0) {
      throw new IllegalArgumentException("sslnegotiation=direct goes with sslmode=require or more");
    }
    Target target = target(options.remove("target_session_attrs"), servers.size() > 1);
    if (!options.isEmpty()) {
      throw new IllegalArgumentException(
          "the option '" + options.keySet().iterator().next() + "' is not known here");
    }
    return new DatabaseUrl(
        servers,
        database,
        user,
        credentials.length > 1 ? decoded(credentials[1]) : "",
        mode,
        isDirect,
        target);
  }

  private static final String LISTED = "hosts";
  private static final Pattern SHAPE =
      Pattern.compile(
          "postgres(?:ql)?://(?<credentials>[^/?#]*)@(?<hosts>[^/?#@]+)(?<rest>(?:[/?#].*)?)");
  private static final String FORM =
      "write it like postgresql://user:password@127.0.0.1:5432/database";

  private static Map<String, String> options(@Nullable String query) {
    Map<String, String> out = new HashMap<>();
    if (query != null) {
      for (String pair : query.split("&", -1)) {
        String[] parts = pair.split("=", 2);
        out.put(decoded(parts[0]), parts.length > 1 ? decoded(parts[1]) : "");
      }
    }
    return out;
  }

  private static SslMode mode(String text) {
    String name = text.toUpperCase(Locale.ROOT).replace('-', '_');
    for (SslMode mode : SslMode.values()) {
      if (mode.name().equals(name)) {
        return mode;
      }
    }
    throw new IllegalArgumentException(
        "sslmode '" + text + "' is not disable, prefer, require, verify-ca or verify-full");
  }

  private static List<HostPort> hosts(String text) {
    String[] parts = text.split(",", -1);
    if (parts.length > MAX_HOSTS) {
      throw new IllegalArgumentException("it names more than " + MAX_HOSTS + " hosts");
    }
    List<HostPort> out = new ArrayList<>();
    for (String part : parts) {
      if (part.isEmpty() || part.startsWith(":")) {
        throw new IllegalArgumentException(FORM);
      }
      HostPort host = HostPort.parse(part, 5432);
      if (!out.contains(host)) {
        out.add(host);
      }
    }
    return out;
  }

  private static Target target(@Nullable String text, boolean areSeveral) {
    return switch (text) {
      case null -> areSeveral ? Target.READ_WRITE : Target.ANY;
      case "any" -> Target.ANY;
      case "read-write" -> Target.READ_WRITE;
      case "primary" -> Target.PRIMARY;
      default ->
          throw new IllegalArgumentException(
              "target_session_attrs '"
                  + text
                  + "' is not read-write, primary or any: the gateway passes on writes");
    };
  }

  private static boolean isDirect(@Nullable String text) {
    return switch (text) {
      case null -> false;
      case "postgres" -> false;
      case "direct" -> true;
      default ->
          throw new IllegalArgumentException(
              "sslnegotiation '" + text + "' is not postgres or direct");
    };
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      // Its message would show a part of what may be a password.
      throw new IllegalArgumentException("a % in it is not followed by two hexadecimal digits");
    }
  }

  @Override
  public String toString() {
    String hosts = servers.stream().map(HostPort::toString).collect(Collectors.joining(","));
    return "postgresql://" + user + "@" + hosts + "/" + database;
  }
}
