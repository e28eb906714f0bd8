package dev.freshet.app;

import dev.freshet.base.HostPort;
import dev.freshet.base.Trouble;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The demo's other half: an embedded PostgreSQL that keeps its data, and shops on it as processes
/// of their own.
final class DemoShop implements AutoCloseable {
  private static final Pattern LISTENING = Pattern.compile("listening on http://([^ ]+):(\\d+)");
  private static final Pattern SLUG = Pattern.compile("\"slug\"\\s*:\\s*\"([^\"]+)\"");
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private final Path data;
  private final double scale;
  private final Consumer<String> progress;
  private @Nullable EmbeddedPostgres postgres;
  private final List<Process> shops = new ArrayList<>();
  private boolean closed;

  DemoShop(Path data, double scale, Consumer<String> progress) {
    this.data = data;
    this.scale = scale;
    this.progress = progress;
  }

  /// A folder of the user's that may be emptied at any time.
  static Path defaultData() {
    String cache = System.getenv("XDG_CACHE_HOME");
    Path base =
        cache != null && !cache.isEmpty()
            ? Path.of(cache)
            : Path.of(System.getProperty("user.home"), ".cache");
    return base.resolve("freshet").resolve("demo");
  }

  int products() {
    return Math.max(1, (int) Math.round(20_000 * scale));
  }

  /// The slugs of the shop's categories, as its API tells them.
  List<String> categories(HostPort at) throws InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://" + at + "/api/categories")).build();
      String json = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
      return SLUG.matcher(json).results().map(found -> found.group(1)).toList();
    } catch (IOException e) {
      throw new Trouble.Found(
          new Trouble("demo shop", "it does not answer (" + e.getMessage() + ")", "try again"));
    }
  }

  /// Starts PostgreSQL; returns its URL, with a user that owns the shop's tables.
  String startDatabase() {
    progress.accept("Starting PostgreSQL ...");
    EmbeddedPostgres server = open();
    synchronized (this) {
      postgres = server;
    }
    return "postgresql://postgres:postgres@127.0.0.1:" + server.getPort() + "/postgres";
  }

  /// Lets the log tell of old rows no more than their keys, as PostgreSQL does by itself.
  void resetIdentity() {
    String all =
        """
        do $$ declare one record; begin
          for one in select format('%I.%I', schemaname, tablename) as name
              from pg_tables where schemaname = 'public' loop
            execute 'alter table ' || one.name || ' replica identity default';
          end loop;
        end $$\
        """;
    execute(all);
  }

  /// Takes away what an earlier demo made, so that the shop is as it was found.
  void dropIndexes() {
    execute(
        """
        do $$ declare one record; begin
          for one in select format('%I.%I', schemaname, indexname) as name
              from pg_indexes where schemaname = 'public' and indexname like 'freshet\\_%' loop
            execute 'drop index ' || one.name;
          end loop;
        end $$\
        """);
  }

  /// Does in the shop's database what its owner would.
  void execute(String sql) {
    try (Connection connection =
            Objects.requireNonNull(postgres).getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new Trouble.Found(
          new Trouble("demo PostgreSQL", String.valueOf(e.getMessage()), "start the demo again"));
    }
  }

  /// Starts a shop on that database; returns where it listens.
  HostPort start(String database, int port) throws InterruptedException {
    progress.accept("Starting the shop ...");
    CompletableFuture<HostPort> listening = new CompletableFuture<>();
    try {
      ProcessBuilder builder =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xmx512m",
              "-cp",
              System.getProperty("java.class.path"),
              "dev.freshet.shop.Shop",
              "--scale",
              Double.toString(scale));
      builder.environment().put("DATABASE_URL", database);
      builder.environment().put("PORT", Integer.toString(DemoSettings.freeOr(port)));
      builder.environment().put("SHOP_DATA", data.resolveSibling("files").toString());
      builder.redirectErrorStream(true);
      Process started = builder.start();
      synchronized (this) {
        shops.add(started);
      }
      // Reading from a process holds a virtual thread's carrier, of which there may be two.
      Thread.ofPlatform().daemon().name("demo-shop").start(() -> follow(started, listening));
      return listening.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (IOException | ExecutionException | TimeoutException e) {
      throw new Trouble.Found(
          new Trouble(
              "demo shop",
              "it did not start (" + e.getMessage() + ")",
              "read its lines above; remove " + data + " to begin afresh"));
    }
  }

  private EmbeddedPostgres open() {
    try {
      Files.createDirectories(data);
      return EmbeddedPostgres.builder()
          .setDataDirectory(data.resolve("postgres"))
          .setCleanDataDirectory(false)
          .setServerConfig("synchronous_commit", "on")
          .setServerConfig("wal_level", "logical")
          .setServerConfig("max_connections", "200")
          .setServerConfig("shared_buffers", "256MB")
          .setPGStartupWait(Duration.ofSeconds(60))
          .start();
    } catch (IOException | IllegalStateException e) {
      throw new Trouble.Found(
          new Trouble(
              "demo PostgreSQL",
              "it did not start (" + e.getMessage() + ")",
              "stop another demo on the same data, or remove " + data));
    }
  }

  private void follow(Process process, CompletableFuture<HostPort> listening) {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = lines.readLine();
      while (line != null) {
        Matcher m = LISTENING.matcher(line);
        if (m.find()) {
          listening.complete(new HostPort(m.group(1), Integer.parseInt(m.group(2))));
        } else if (!listening.isDone()) {
          progress.accept("  " + line);
        }
        line = lines.readLine();
      }
      listening.completeExceptionally(new IOException("the shop ended"));
    } catch (IOException e) {
      listening.completeExceptionally(e);
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (Process child : shops) {
      child.destroy();
      try {
        if (!child.waitFor(5, TimeUnit.SECONDS)) {
          child.destroyForcibly();
        }
      } catch (InterruptedException e) {
        child.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
    EmbeddedPostgres server = postgres;
    if (server != null) {
      try {
        server.close();
      } catch (IOException e) {
        progress.accept("PostgreSQL did not stop cleanly: " + e.getMessage());
      }
    }
  }
}
