package dev.freshet.app;

import dev.freshet.base.HostPort;
import dev.freshet.base.Trouble;
import dev.freshet.changes.ChangeFeed;
import dev.freshet.gateway.DatabaseUrl;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The demo's set: PostgreSQL, the shop bare on it, and the shop behind a Freshet. Close it,
/// whatever became of [#open].
final class DemoStage implements AutoCloseable {
  private final DemoShop shop;
  private final Consumer<String> progress;
  private @Nullable Wiring freshet;
  private boolean closed;

  /// Where everything is.
  ///
  /// @param database its URL
  record Parts(
      HostPort bare, HostPort through, HostPort gateway, String database, Wiring freshet) {}

  DemoStage(Path data, double scale, Consumer<String> progress) {
    this.progress = progress;
    this.shop = new DemoShop(data.resolve("scale-" + scale), scale, progress);
  }

  /// Starts it all.
  ///
  /// @param isFull whether the log is to tell all of old rows
  Parts open(int port, boolean isFull) throws InterruptedException {
    String database = shop.startDatabase();
    shop.dropIndexes();
    HostPort bare = shop.start(database, 3000);
    progress.accept(
        "Preparing the tables: REPLICA IDENTITY " + (isFull ? "FULL" : "DEFAULT") + " ...");
    shop.resetIdentity();
    var _ = ChangeFeed.prepare(ChangesReader.plain(DatabaseUrl.parse(database)), isFull);
    HostPort gateway = new HostPort("127.0.0.1", DemoSettings.freeOr(6432));
    HostPort pooled = DemoSettings.free();
    Settings settings = DemoSettings.of(pooled, database, gateway, port);
    Wiring started = Wiring.start(settings, () -> settings);
    synchronized (this) {
      freshet = started;
    }
    HostPort ready =
        shop.start("postgresql://postgres:postgres@" + gateway + "/postgres", pooled.port());
    if (!ready.equals(pooled)) {
      throw new Trouble.Found(
          new Trouble("demo shop", "port " + pooled.port() + " was taken", "start the demo again"));
    }
    HostPort through = new HostPort("127.0.0.1", started.edge().addresses().getFirst().port());
    return new Parts(bare, through, gateway, database, started);
  }

  /// Paths of pages of which each is like many others: what a browser looks at.
  static List<String> pages(List<String> categories) {
    return List.of("/", "/category/" + categories.getFirst(), "/product/14");
  }

  DemoShop shop() {
    return shop;
  }

  @Override
  public void close() {
    Wiring running;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      running = freshet;
    }
    if (running != null) {
      running.drain(Duration.ofSeconds(2));
    }
    shop.close();
  }
}
