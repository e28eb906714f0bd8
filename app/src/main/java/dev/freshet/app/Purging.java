package dev.freshet.app;

import dev.freshet.cache.Noted;
import dev.freshet.cache.Purged;
import dev.freshet.console.PurgeOrder;
import dev.freshet.edge.Edge;
import dev.freshet.gateway.Gateway;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Carries out a purge order and says what it hit, in both tiers.
final class Purging {
  /// How long an answer waits until Redis knows. A purge that takes longer is delivered all the
  /// same, and holds on this node from the first moment.
  private static final Duration ARRIVAL = Duration.ofMillis(500);

  private Purging() {}

  static Map<String, Object> carryOut(Edge edge, @Nullable Gateway gateway, PurgeOrder order) {
    List<Purged> all = new ArrayList<>();
    for (String url : order.urls()) {
      all.addAll(edge.purgeUrl(url, order.soft()));
    }
    for (String group : order.groups()) {
      all.add(edge.purgeGroup(group, order.soft()));
    }
    for (String table : order.tables()) {
      all.add(edge.purgeTable(table, order.soft()));
    }
    if (order.prefix() != null) {
      all.add(edge.purgePrefix(order.prefix(), order.soft()));
    }
    if (order.all()) {
      all.add(edge.purgeAll(order.soft()));
    }
    if (gateway != null && (order.all() || !order.tables().isEmpty())) {
      gateway.forgetResults();
    }
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("purged", all.stream().mapToLong(Purged::entries).sum());
    out.put("soft", order.soft());
    List<CompletableFuture<Noted>> second =
        all.stream().map(Purged::second).filter(Objects::nonNull).toList();
    if (!second.isEmpty()) {
      out.put("secondTier", secondTier(edge, second, order.patience()));
    }
    return out;
  }

  /// Whether it knows, and the number of URLs it held; null where that could not be told in time.
  private static Map<String, Object> secondTier(
      Edge edge, List<CompletableFuture<Noted>> second, Duration patience) {
    Map<String, Object> out = new LinkedHashMap<>();
    long hits = -1;
    try {
      CompletableFuture.allOf(second.toArray(CompletableFuture[]::new))
          .get(ARRIVAL.toMillis(), TimeUnit.MILLISECONDS);
      out.put("knows", true);
      hits = edge.purgedInSecond(second.stream().map(CompletableFuture::join).toList(), patience);
    } catch (TimeoutException | ExecutionException e) {
      out.put("knows", false);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      out.putIfAbsent("knows", false);
    }
    out.put("urls", hits < 0 ? null : hits);
    return out;
  }
}
