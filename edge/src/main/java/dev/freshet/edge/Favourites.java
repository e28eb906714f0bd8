package dev.freshet.edge;

import dev.freshet.cache.Entry;
import dev.freshet.edge.Popular.Place;
import dev.freshet.freshness.Watchlist;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Popular answers that are watched for changes of their rows, within bounds.
final class Favourites {
  static final int MAX = 4_096;
  private static final long MAX_WEIGHT = 16 << 20;

  /// Beyond the bounds, the least used of so many goes that have been there longest.
  private static final int COMPARED = 8;

  private final Watchlist<Place> watchlist;
  private final Supplier<Site> site;
  private final Map<Place, Popular> all = new LinkedHashMap<>();
  private long weight;

  Favourites(Watchlist<Place> watchlist, Supplier<Site> site) {
    this.watchlist = watchlist;
    this.site = site;
  }

  /// False for one that would take too much of the room.
  static boolean fits(Popular one) {
    return one.weight() <= MAX_WEIGHT / 16;
  }

  synchronized void watch(Popular one) {
    drop(one.place());
    while (all.size() >= MAX || weight + one.weight() > MAX_WEIGHT) {
      dropLeastUsed();
    }
    all.put(one.place(), one);
    weight += one.weight();
    watchlist.watch(one.place(), one.evidence());
  }

  /// Those that were compared and stay count as new, so that all are in turn.
  private void dropLeastUsed() {
    List<Popular> compared = new ArrayList<>(COMPARED);
    for (Popular each : all.values()) {
      compared.add(each);
      if (compared.size() == COMPARED) {
        break;
      }
    }
    Popular least = compared.getFirst();
    int fewest = Integer.MAX_VALUE;
    for (Popular each : compared) {
      Entry<StoredResponse> entry = each.stored(site.get());
      int uses = entry == null ? 0 : entry.uses();
      if (uses < fewest) {
        least = each;
        fewest = uses;
      }
    }
    drop(least.place());
    for (Popular each : compared) {
      if (all.remove(each.place()) != null) {
        all.put(each.place(), each);
      }
    }
  }

  private void drop(Place place) {
    Popular gone = all.remove(place);
    if (gone != null) {
      weight -= gone.weight();
      watchlist.forget(place);
    }
  }

  synchronized @Nullable Popular at(Place place) {
    return all.get(place);
  }

  /// False when it is not watched any more, or another is in its place.
  synchronized boolean forget(Popular one) {
    boolean isThere = one.equals(all.get(one.place()));
    if (isThere) {
      drop(one.place());
    }
    return isThere;
  }
}
