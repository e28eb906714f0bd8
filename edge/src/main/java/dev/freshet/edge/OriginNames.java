package dev.freshet.edge;

import dev.freshet.base.Time;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Addresses of one host name, asked for off the event loops, since the system's resolver blocks.
///
/// A known answer is used at once; when it is older than [#KEPT] the next one is fetched meanwhile.
/// When that fails the last answer stays: a broken resolver does not take a site down.
final class OriginNames {
  private static final Duration KEPT = Duration.ofSeconds(15);

  /// Asks the system.
  @FunctionalInterface
  interface Lookup {
    InetAddress[] of(String host) throws UnknownHostException;
  }

  private record Known(List<InetAddress> addresses, long atNanos) {}

  private record Asking(EventLoop loop, Consumer<List<InetAddress>> found, Consumer<String> not) {}

  private final String host;
  private final Time time;
  private final Lookup lookup;
  private final @Nullable List<InetAddress> literal;
  private final AtomicReference<@Nullable Known> known = new AtomicReference<>();
  private final List<Asking> asking = new ArrayList<>();
  private boolean running;

  OriginNames(String host, Time time, Lookup lookup) {
    this.host = host;
    this.time = time;
    this.lookup = lookup;
    InetAddress address = NetUtil.createInetAddressFromIpAddressString(host);
    this.literal = address == null ? null : List.of(address);
  }

  /// Calls one of both on the loop, not necessarily before returning; the list has at least one.
  void resolve(EventLoop loop, Consumer<List<InetAddress>> found, Consumer<String> notFound) {
    if (literal != null) {
      found.accept(literal);
      return;
    }
    Known now = known.get();
    boolean old = now == null || time.nanos() - now.atNanos >= KEPT.toNanos();
    if (old) {
      ask(now == null ? new Asking(loop, found, notFound) : null);
    }
    if (now != null) {
      found.accept(now.addresses);
    }
  }

  private synchronized void ask(@Nullable Asking one) {
    if (one != null) {
      asking.add(one);
    }
    if (!running) {
      running = true;
      Thread.ofVirtual().name("freshet-names").start(this::lookUp);
    }
  }

  private void lookUp() {
    List<InetAddress> addresses = List.of();
    String trouble = "the answer is empty";
    try {
      addresses = List.of(lookup.of(host));
    } catch (UnknownHostException | SecurityException e) {
      trouble = e.getMessage() == null ? "unknown host" : e.getMessage();
    }
    if (!addresses.isEmpty()) {
      known.set(new Known(addresses, time.nanos()));
    }
    tell(addresses, trouble);
  }

  private void tell(List<InetAddress> addresses, String trouble) {
    List<Asking> told;
    synchronized (this) {
      running = false;
      told = List.copyOf(asking);
      asking.clear();
    }
    for (Asking one : told) {
      one.loop.execute(() -> {
        if (addresses.isEmpty()) {
          one.not.accept(trouble);
        } else {
          one.found.accept(addresses);
        }
      });
    }
  }
}
