package dev.freshet.edge;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Everything the edge is told about the origins behind it.
///
/// @param origins at least one; requests are spread over them
/// @param protocol HTTP version spoken to them
/// @param hostHeader what `Host` they see
/// @param pool how many connections, and how long they are kept
/// @param waits how long one waits for what
/// @param tries what happens when an origin gives no answer
/// @param admission how many requests an origin is given at a time
/// @param health how a sick origin is found, left alone and taken back
/// @param tls how `https` origins are checked
public record OriginConfig(
    List<OriginUrl> origins,
    Protocol protocol,
    HostHeader hostHeader,
    Pool pool,
    Waits waits,
    Tries tries,
    Admission admission,
    Health health,
    Tls tls) {

  /// HTTP version spoken to origins.
  public enum Protocol {
    /// HTTP/1.1 in clear text; what ALPN settles over TLS.
    AUTO,
    HTTP1,
    /// HTTP/2, in clear text by prior knowledge (RFC 9113, section 3.3).
    H2
  }

  /// What stands in `Host` towards origins.
  public enum HostHeader {
    /// What the client asked for.
    CLIENT,
    /// The origin's own name and port.
    ORIGIN
  }

  /// What to do when every origin is ejected.
  public enum AllDown {
    /// Ask the one whose ejection ends first: a wrong suspicion must not take the site down.
    TRY,
    /// Answer 503 at once.
    REFUSE
  }

  /// Connections to one origin.
  ///
  /// @param connectionsMax to one origin, over all event loops
  /// @param waitingMax requests of one event loop that may wait for a connection to one origin
  /// @param idle how long an unused connection is kept
  /// @param age how long a connection is used at all
  /// @param http2ConnectionsMax HTTP/2 connections per event loop and origin
  public record Pool(
      int connectionsMax, int waitingMax, Duration idle, Duration age, int http2ConnectionsMax) {

    public Pool {
      atLeastOne("pool.connectionsMax", connectionsMax);
      atLeastOne("pool.waitingMax", waitingMax);
      atLeastOne("pool.http2ConnectionsMax", http2ConnectionsMax);
      positive("pool.idle", idle);
      positive("pool.age", age);
      if (idle.compareTo(age) > 0) {
        throw new IllegalArgumentException("pool.idle is longer than pool.age; shorten idle");
      }
    }

    /// Fits an app server with a few hundred threads.
    public static Pool defaults() {
      return new Pool(
          // More than most app servers work on at a time; beyond it waiting is quicker for all.
          256,
          // With 256 at work, the thousandth waits about four service times.
          1_024,
          // Below the 60 s and 75 s that most servers keep theirs, above nothing we can know; an
          // announced `Keep-Alive: timeout` shortens it.
          Duration.ofSeconds(50),
          // Lets DNS changes and new servers behind a balancer take effect.
          Duration.ofMinutes(10),
          // One carries a hundred streams at least; a second bridges a GOAWAY.
          2);
    }
  }

  /// Time-outs.
  ///
  /// @param connect TCP and TLS together, per address
  /// @param connection how long a request waits for a free connection
  /// @param response from the request's end to the first octet of the response
  /// @param idle between octets of a message
  /// @param tunnel between octets of a switched protocol or an event stream
  public record Waits(
      Duration connect, Duration connection, Duration response, Duration idle, Duration tunnel) {

    public Waits {
      positive("waits.connect", connect);
      positive("waits.connection", connection);
      positive("waits.response", response);
      positive("waits.idle", idle);
      positive("waits.tunnel", tunnel);
    }

    /// Patient with slow pages, impatient with dead machines.
    public static Waits defaults() {
      return new Waits(
          // A SYN lost twice is sent again after 1 s and 3 s.
          Duration.ofSeconds(4),
          // A user has left by then; a queue that long only adds work.
          Duration.ofSeconds(5),
          // As nginx does: slow reports exist.
          Duration.ofSeconds(60),
          Duration.ofSeconds(60),
          // WebSockets and event streams may say nothing for long.
          Duration.ofHours(1));
    }
  }

  /// Trying again.
  ///
  /// @param max tries for one request, the first included
  /// @param heldContent octets of request content held while there is no connection yet
  /// @param headMax octets of a response head
  /// @param fieldsMax fields of a response head
  public record Tries(int max, int heldContent, int headMax, int fieldsMax) {

    public Tries {
      atLeastOne("tries.max", max);
      atLeastOne("tries.heldContent", heldContent);
      atLeastOne("tries.headMax", headMax);
      atLeastOne("tries.fieldsMax", fieldsMax);
    }

    /// Enough to step over one dead origin and one stale connection.
    public static Tries defaults() {
      return new Tries(
          3,
          // One read of the client's socket.
          64 << 10,
          // Twice what browsers and servers commonly take.
          64 << 10,
          256);
    }
  }

  /// Admission of requests to one origin. Within `most` the limit adapts to the time its answers
  /// take.
  ///
  /// @param limited false lets everything through
  /// @param most requests that may be the origin's turn at a time
  /// @param patience how long a request waits for its turn before it is refused
  /// @param waitingMax requests that may wait
  /// @param ahead patterns of paths whose requests don't wait for others: what a load balancer asks
  ///   to see whether all is well
  public record Admission(
      boolean limited, int most, Duration patience, int waitingMax, List<String> ahead) {

    public Admission {
      atLeastOne("admission.most", most);
      atLeastOne("admission.waitingMax", waitingMax);
      positive("admission.patience", patience);
      ahead = List.copyOf(ahead);
    }

    /// A path that may be read in more than one way is none of these.
    boolean goesAhead(String path) {
      return !ahead.isEmpty()
          && !Routes.isAmbiguous(path)
          && ahead.stream().anyMatch(pattern -> Routes.matches(pattern, path));
    }

    /// Holds nothing back before an origin has shown that more at a time only makes it slower.
    public static Admission defaults() {
      return new Admission(
          true,
          // As many as there are connections.
          256,
          // Who would wait longer had better be told so, and come again.
          Duration.ofSeconds(1),
          1_024,
          List.of());
    }
  }

  /// Health of origins; matters only when there are several.
  ///
  /// @param failuresMax failures in a row after which an origin is ejected
  /// @param ejection first ejection; each further one is twice as long
  /// @param ejectionMax longest ejection
  /// @param allDown what to do when all are ejected
  /// @param check active check, or null for none
  public record Health(
      int failuresMax,
      Duration ejection,
      Duration ejectionMax,
      AllDown allDown,
      @Nullable Check check) {

    public Health {
      atLeastOne("health.failuresMax", failuresMax);
      positive("health.ejection", ejection);
      if (ejectionMax.compareTo(ejection) < 0) {
        throw new IllegalArgumentException(
            "health.ejectionMax is shorter than health.ejection; lengthen it");
      }
    }

    /// Passive only: an origin need not know of us.
    public static Health defaults() {
      return new Health(
          // One or two are chance.
          5,
          // A restarted process is back by then.
          Duration.ofSeconds(5),
          Duration.ofMinutes(1),
          AllDown.TRY,
          null);
    }
  }

  /// An active health check.
  ///
  /// @param path asked with GET, starts with `/`
  /// @param every pause between checks
  /// @param within time-out of one check
  /// @param status the expected status; 0 for any from 200 to 399
  public record Check(String path, Duration every, Duration within, int status) {

    public Check {
      if (!path.startsWith("/")) {
        throw new IllegalArgumentException("health.check.path must start with /: " + path);
      }
      positive("health.check.every", every);
      positive("health.check.within", within);
    }

    /// Every two seconds: two failures are known before a user has reloaded twice.
    public static Check of(String path) {
      return new Check(path, Duration.ofSeconds(2), Duration.ofSeconds(1), 0);
    }
  }

  /// Checking of `https` origins.
  ///
  /// @param authorities file with the PEM certificates of the trusted authorities, or null for the
  ///   machine's own
  /// @param verify false trusts anything: only for a network that is trusted itself
  public record Tls(@Nullable Path authorities, boolean verify) {

    /// Certificate and name are checked.
    public static Tls defaults() {
      return new Tls(null, true);
    }
  }

  public OriginConfig {
    origins = List.copyOf(origins);
    if (origins.isEmpty()) {
      throw new IllegalArgumentException(
          "an origin is missing; write it like http://127.0.0.1:3000");
    }
  }

  /// Origins with nothing else said.
  public static OriginConfig defaults(List<OriginUrl> origins) {
    return new OriginConfig(
        origins,
        Protocol.AUTO,
        HostHeader.CLIENT,
        Pool.defaults(),
        Waits.defaults(),
        Tries.defaults(),
        Admission.defaults(),
        Health.defaults(),
        Tls.defaults());
  }

  private static void positive(String what, Duration value) {
    if (value.isZero() || value.isNegative()) {
      throw new IllegalArgumentException(what + " must be longer than nothing");
    }
  }

  private static void atLeastOne(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(what + " must be at least 1");
    }
  }
}
