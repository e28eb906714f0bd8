package dev.freshet.gateway;

import dev.freshet.base.FakeTime;
import dev.freshet.freshness.Freshness;
import dev.freshet.freshness.Trails;
import dev.freshet.sql.Catalog;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The tables of [Kitchen] with a change feed that a test holds in its hand: it says what has
/// changed, and when that is published.
final class FollowedMenu {
  static final long HISTORY = 1;
  private static final int PRICE = 3;
  final Freshness freshness = new Freshness(1 << 10);
  final Trails trails = new Trails(freshness, new FakeTime(0));

  /// How often somebody has asked where the log ends.
  final AtomicInteger asked = new AtomicInteger();

  final long menu;
  private final Catalog catalog;
  private final AtomicLong end = new AtomicLong(100);

  FollowedMenu() throws SQLException {
    Kitchen.laid();
    try (Connection c = Backstage.direct()) {
      Backstage.run(c, "drop publication if exists followed_menu");
      Backstage.run(c, "create publication followed_menu for table menu");
      catalog = Catalogs.read(c, "followed_menu");
      menu = Long.parseLong(Backstage.one(c, "select 'menu'::regclass::oid::text"));
    }
    attach();
  }

  private FollowedMenu(FollowedMenu same) {
    menu = same.menu;
    catalog = same.catalog;
    attach();
  }

  /// The same tables with a feed of their own.
  FollowedMenu elsewhere() {
    return new FollowedMenu(this);
  }

  void attach() {
    freshness
        .feed()
        .attach(
            HISTORY,
            end.get(),
            () -> {
              asked.incrementAndGet();
              return CompletableFuture.completedFuture(end.get());
            });
  }

  Watch watch() {
    return Watched.all(trails, () -> catalog);
  }

  Kitchen kitchen(@Nullable Duration fence) {
    return Kitchen.byRows(watch(), fence, null);
  }

  /// A commit is in the log.
  long committed() {
    return end.addAndGet(10);
  }

  /// A commit in which that dish has changed is told of.
  void told(int id, long position) {
    tell(id, position, feed -> feed.members(menu, position));
  }

  /// A commit is told of in which that dish got another price.
  void priced(int id, long position) {
    tell(id, position, feed -> feed.updated(menu, PRICE, position));
  }

  private void tell(int id, long position, Consumer<Freshness.Feed> kind) {
    Freshness.Feed feed = freshness.feed();
    feed.begin(position);
    feed.table(menu, position);
    kind.accept(feed);
    for (int column : feed.watched(menu)) {
      if (column == 1) {
        feed.rows(menu, 1, String.valueOf(id), position);
      } else {
        feed.column(menu, column, position);
      }
    }
    feed.settle();
  }

  void published(long position) {
    freshness.feed().publish(position);
  }

  /// A dish is changed by somebody whom only the feed knows.
  static void changes(int id, int price) throws SQLException {
    try (Connection c = Backstage.direct()) {
      Backstage.run(c, "update menu set price = " + price + " where id = " + id);
    }
  }
}
