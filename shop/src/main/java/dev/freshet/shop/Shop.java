package dev.freshet.shop;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/// The demo shop: an ordinary, slow web shop on PostgreSQL. It seeds an empty database, then
/// listens until it is told to stop.
public final class Shop implements AutoCloseable {
  private static final String HELP =
      """
      The demo shop: an ordinary, slow web shop on PostgreSQL.

      usage: shop [--scale 1.0] [--seed-only] [--help]

        --scale N     size of the data when the database is empty: 1.0 is 20,000 products,
                      200,000 reviews, 50,000 customers, 300,000 orders
        --seed-only   fill the database and the data folder, then end

      environment:
        DATABASE_URL  postgresql://user:password@host:port/database (needed)
        HOST          the address to listen on, 127.0.0.1 if absent
        PORT          where to listen, 3000 if absent, 0 for a free port
        SHOP_DATA     folder for photos, scripts and styles, a cache folder if absent
      """;

  private final Web web;

  private Shop(Web web) {
    this.web = web;
  }

  /// Seeds if needed and listens.
  ///
  /// @param databaseUrl as in `DATABASE_URL`
  /// @param at where to listen; port 0 takes a free one
  /// @param data where photos, scripts and styles are kept
  /// @throws SQLException when the database can't be reached or used
  /// @throws IOException when the port or the data folder can't be used
  public static Shop open(
      String databaseUrl, InetSocketAddress at, Path data, double scale, PrintStream progress)
      throws SQLException, IOException, InterruptedException {
    Database database = Database.parse(databaseUrl);
    Path folder = prepare(database, data, scale, progress);
    sweep(database);
    return new Shop(Web.open(database, new StaticFiles(folder), at));
  }

  /// Where it listens.
  public int port() {
    return web.port();
  }

  /// Stops listening; lets what runs finish for a second at most.
  @Override
  public void close() {
    web.close();
  }

  /// Runs until SIGTERM or Ctrl-C. Exit code 1 when it can't start, 2 for a wrong argument.
  public static void main(String[] args) throws InterruptedException {
    Flags flags;
    try {
      flags = Flags.parse(args, System.getenv());
    } catch (IllegalArgumentException e) {
      System.err.println("shop: " + e.getMessage());
      System.exit(2);
      return;
    }
    if (flags.help()) {
      System.out.print(HELP);
      return;
    }
    try {
      if (flags.seedOnly()) {
        prepare(Database.parse(flags.databaseUrl()), flags.data(), flags.scale(), System.out);
        return;
      }
      Shop shop = open(flags.databaseUrl(), flags.at(), flags.data(), flags.scale(), System.out);
      Runtime.getRuntime().addShutdownHook(new Thread(shop::close, "shop-stop"));
      System.out.println("shop: listening on http://127.0.0.1:" + shop.port());
      new CountDownLatch(1).await();
    } catch (IllegalArgumentException e) {
      System.err.println("shop: " + e.getMessage());
      System.exit(2);
    } catch (SQLException e) {
      System.err.println("shop: database: " + e.getMessage());
      System.exit(1);
    } catch (IOException e) {
      System.err.println("shop: " + e);
      System.exit(1);
    }
  }

  /// Throws away what is older than a month, as such shops do when they start. A refusal is only
  /// logged: `page_views` has no key to delete by, which some replication setups do not allow.
  private static void sweep(Database database) {
    try (Link link = new Link(database, "")) {
      link.write("DELETE FROM sessions WHERE created_at < now() - interval '30 days'");
      link.write("DELETE FROM page_views WHERE viewed_at < now() - interval '30 days'");
    } catch (Link.Lost lost) {
      System.getLogger("shop").log(System.Logger.Level.WARNING, "sweep: {0}", lost.getMessage());
    }
  }

  private static Path prepare(Database database, Path data, double scale, PrintStream progress)
      throws SQLException, IOException, InterruptedException {
    System.setProperty("java.awt.headless", "true");
    System.setProperty("sun.net.httpserver.nodelay", "true");
    Path folder = Warehouse.fill(data, progress);
    new Seeding(database, scale, progress).ensure();
    return folder;
  }

  private record Flags(
      String databaseUrl,
      InetSocketAddress at,
      Path data,
      double scale,
      boolean seedOnly,
      boolean help) {

    static Flags parse(String[] args, Map<String, String> environment) {
      double scale = 1;
      boolean seedOnly = false;
      for (int i = 0; i < args.length; i++) {
        String arg = args[i];
        if (arg.equals("--help") || arg.equals("-h")) {
          return new Flags("", new InetSocketAddress(0), Path.of(""), 1, false, true);
        } else if (arg.equals("--seed-only")) {
          seedOnly = true;
        } else if (arg.equals("--scale") && i + 1 < args.length) {
          scale = scale(args[++i]);
        } else if (arg.startsWith("--scale=")) {
          scale = scale(arg.substring("--scale=".length()));
        } else {
          throw new IllegalArgumentException(
              arg + ": no such flag; there are --scale N, --seed-only and --help");
        }
      }
      String url = environment.getOrDefault("DATABASE_URL", "");
      if (url.isEmpty()) {
        throw new IllegalArgumentException(
            "DATABASE_URL is not set; set it to postgresql://user:password@127.0.0.1:5432/shop");
      }
      String cache =
          environment.getOrDefault(
              "XDG_CACHE_HOME", Path.of(System.getProperty("user.home"), ".cache").toString());
      String data = environment.getOrDefault("SHOP_DATA", Path.of(cache, "demo-shop").toString());
      int port = port(environment.getOrDefault("PORT", "3000"));
      String host = environment.getOrDefault("HOST", "127.0.0.1");
      return new Flags(
          url, new InetSocketAddress(host, port), Path.of(data), scale, seedOnly, false);
    }

    private static double scale(String text) {
      try {
        double scale = Double.parseDouble(text);
        if (scale > 0 && scale <= 100) {
          return scale;
        }
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("--scale " + text + ": not a number; try 0.1", e);
      }
      throw new IllegalArgumentException("--scale " + text + ": out of range; try 0.01 to 100");
    }

    private static int port(String text) {
      if (text.matches("[0-9]{1,5}") && Integer.parseInt(text) <= 65_535) {
        return Integer.parseInt(text);
      }
      throw new IllegalArgumentException("PORT " + text + ": not a port; try 3000");
    }
  }
}
