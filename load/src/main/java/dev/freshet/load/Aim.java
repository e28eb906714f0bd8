package dev.freshet.load;

import dev.freshet.base.Trouble;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;

/// What a load is put on, and with what means.
///
/// @param target `http://` or `https://`, of which scheme, host and port count
/// @param loops event loops; one is enough for most servers
/// @param connections of the open model, in all, opened beforehand; a closed user has one each
/// @param timeout after which a visitor has given up, from when the request was meant to begin
/// @param isOwned whether somebody vouches that a host outside private networks is theirs
/// @param isInsecure whether any certificate will do
/// @param manner over which protocol
public record Aim(
    URI target,
    int loops,
    int connections,
    Duration timeout,
    boolean isOwned,
    boolean isInsecure,
    Manner manner) {

  public Aim {
    String scheme = target.getScheme();
    boolean isHttp = "http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme);
    if (!isHttp || target.getHost() == null) {
      throw new Trouble.Found(
          new Trouble(
              "load " + target,
              "that is no http:// or https:// address with a host",
              "write it like http://127.0.0.1:8080/"));
    }
    if (loops < 1 || loops > 64 || connections < loops || connections > 20_000) {
      throw new IllegalArgumentException(loops + " loops with " + connections + " connections");
    }
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("the timeout must be some time: " + timeout);
    }
  }

  /// Over HTTP/1.1.
  public Aim(
      URI target,
      int loops,
      int connections,
      Duration timeout,
      boolean isOwned,
      boolean isInsecure) {
    this(target, loops, connections, timeout, isOwned, isInsecure, Manner.PLAIN);
  }

  /// One loop, 100 connections, ten seconds.
  public static Aim at(URI target) {
    return new Aim(target, 1, 100, Duration.ofSeconds(10), false, false);
  }

  /// The same with other means.
  public Aim with(int newLoops, int newConnections, Duration newTimeout) {
    return new Aim(target, newLoops, newConnections, newTimeout, isOwned, isInsecure, manner);
  }

  /// The same, met otherwise.
  public Aim with(Manner other) {
    return new Aim(target, loops, connections, timeout, isOwned, isInsecure, other);
  }

  boolean isTls() {
    return target.getScheme().toLowerCase(Locale.ROOT).equals("https");
  }

  String host() {
    return target.getHost().replaceAll("^\\[|]$", "");
  }

  int port() {
    return target.getPort() >= 0 ? target.getPort() : isTls() ? 443 : 80;
  }

  /// Value of `Host`.
  String authority() {
    return target.getPort() >= 0 ? target.getHost() + ":" + target.getPort() : target.getHost();
  }

  /// Scheme and authority.
  String origin() {
    return (isTls() ? "https://" : "http://") + authority();
  }

  /// Where to connect to: looked up once, so that what was allowed is what is met. Refuses a host
  /// of which any address lies outside this machine and private networks, unless it is owned.
  public InetSocketAddress address() {
    InetAddress[] all;
    try {
      all = InetAddress.getAllByName(host());
    } catch (UnknownHostException e) {
      throw new Trouble.Found(
          new Trouble("load " + target, "the host is not known", "correct its name"));
    }
    for (InetAddress one : all) {
      if (!isOwned && !isPrivate(one)) {
        throw new Trouble.Found(
            new Trouble(
                "load " + target,
                host()
                    + " ("
                    + one.getHostAddress()
                    + ") is outside this machine and private"
                    + " networks, and a load can do harm there",
                "if the host is yours, say so with --i-own-this-host"));
      }
    }
    return new InetSocketAddress(all[0], port());
  }

  private static boolean isPrivate(InetAddress address) {
    boolean isUniqueLocal =
        address instanceof Inet6Address && (address.getAddress()[0] & 0xfe) == 0xfc;
    return address.isLoopbackAddress()
        || address.isSiteLocalAddress()
        || address.isLinkLocalAddress()
        || isUniqueLocal;
  }
}
