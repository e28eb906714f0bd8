package dev.freshet.app;

import dev.freshet.base.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;

/// What an operator would write for the demo shop.
///
/// The shop's pages greet each visitor and count the cart. Shared pages are asked for without
/// cookies, so everybody sees them as a new visitor does; that is the price of sharing them, and
/// the demo says so. They live as long as their rows stay as they are. Sessions, carts and page
/// views concern one visitor each. Whatever is personal stays out of the cache.
final class DemoSettings {
  static final String YAML =
      """
      rows:
        visitor-tables: [sessions, cart_items, page_views]
      routes:
        - match: /static/**            # files, yet the shop sets a session cookie on them
          share: public
          ttl: 1h
          stale-while-revalidate: 1d
          browser-ttl: 1h
        - match: /api/me/**            # personal
          cache: off
        - match: /api/products         # the whole list, 5 MB at full size
          cache: rows
          share: public
          paginate: { size: 50 }
        - match: /api/search
          cache: rows
          share: public
          paginate: { size: 50 }
        - match: /api/products/*/reviews
          cache: rows
          share: public
          unshown: [products.stock]
        - match: /api/**
          cache: rows
          share: public
        - match: /                     # reads whole products and shows no stock of them
          cache: rows
          share: public
          unshown: [products.stock]
        - match: /category/*
          cache: rows
          share: public
          unshown: [products.stock]
        - match: /product/*            # shows its own stock, and not that of what is also bought
          cache: rows
          share: public
          unshown-beside: [products.stock]
        - match: /search
          cache: rows
          share: public
          unshown: [products.stock]
      """;

  private static final long MEGA = 1L << 20;
  private static final long MOST_MEMORY = 2_048 * MEGA;

  private DemoSettings() {}

  static Settings of(HostPort shop, String database, HostPort gateway, int port) {
    SettingsReader.Flags flags =
        new SettingsReader.Flags(
            "127.0.0.1:" + freeOr(port),
            List.of("http://" + shop),
            "127.0.0.1:" + freeOr(8090),
            null,
            null,
            null,
            null,
            null,
            database);
    String yaml =
        YAML
            + "gateway: { listen: '"
            + gateway
            + "', pool: { size: 20 }, cache: { rows: on } } # results of statements too\n"
            + "cache: { memory: "
            + memory() / MEGA
            + "MB } # sixty thousand answers at full size\n";
    return SettingsReader.read("demo.yaml", yaml, flags, name -> null);
  }

  /// Two fifths of what the program may use, so that nothing good has to leave for want of room.
  private static long memory() {
    return Math.min(MOST_MEMORY, Runtime.getRuntime().maxMemory() / 5 * 2);
  }

  /// An address nobody has.
  static HostPort free() {
    return new HostPort("127.0.0.1", freeOr(0));
  }

  /// The port when nobody has it, else any free one.
  static int freeOr(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      if (port == 0) {
        throw new IllegalStateException("this machine has no free port", e);
      }
      return freeOr(0);
    }
  }
}
