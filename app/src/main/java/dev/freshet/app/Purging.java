package dev.freshet.app;

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
  private static final Duration PATIENCE = Duration.ofMillis(500);

  private Purging() {}

  static Map<String, Object> carryOut(Edge edge, @Nullable Gateway gateway, PurgeOrder order) {
    List<Purged> all = new ArrayList<>();
    for (String url : order.urls()) {
      all.add(edge.purgeUrl(url, order.soft()));
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
    List<CompletableFuture<Long>> second =
        all.stream().map(Purged::second).filter(Objects::nonNull).toList();
    if (!second.isEmpty()) {
      out.put("secondTier", secondTier(second));
    }
    return out;
  }

  /// Whether it knows, and the number of URLs it held; null where that is not counted.
  private static Map<String, Object> secondTier(List<CompletableFuture<Long>> second) {
    Map<String, Object> out = new LinkedHashMap<>();
    boolean knows = isHeard(second);
    boolean isCounted = knows && second.stream().allMatch(n -> n.join() >= 0);
    out.put("knows", knows);
    out.put("urls", isCounted ? second.stream().mapToLong(CompletableFuture::join).sum() : null);
    return out;
  }

  private static boolean isHeard(List<CompletableFuture<Long>> second) {
    try {
      CompletableFuture.allOf(second.toArray(CompletableFuture[]::new))
          .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException | ExecutionException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
