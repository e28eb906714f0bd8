package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import dev.freshet.pgwire.ErrorReport;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The pools: one for each user, database and server. On the gateway's loop.
final class Pools {
  private final Gateway gateway;
  private final Map<Place, Pool> all = new LinkedHashMap<>();

  /// @param replica null for the primary
  private record Place(Pool.Who who, @Nullable HostPort replica) {}

  Pools(Gateway gateway) {
    this.gateway = gateway;
  }

  /// As they are now: who is told of them may make another.
  List<Pool> all() {
    return List.copyOf(all.values());
  }

  Pool of(Pool.Who who, ServerCredentials credentials) {
    return at(new Place(who, null), credentials);
  }

  /// The same user's and database's on a replica.
  Pool replica(Pool primary, HostPort replica) {
    return at(new Place(primary.who(), replica), primary.credentials());
  }

  private Pool at(Place place, ServerCredentials credentials) {
    Pool known = all.get(place);
    if (known == null) {
      known = new Pool(gateway, place.who(), credentials, place.replica());
      if (gateway.pauses().areFor(place.who().database())) {
        known.pause();
      }
      all.put(place, known);
    } else {
      known.renew(credentials);
    }
    return known;
  }

  /// Forgets those that nobody uses and that have never come to anything: there may be any number
  /// of names of databases that do not exist.
  void forgetUnused() {
    if (all.values().stream().noneMatch(Pools::isNothing)) {
      return;
    }
    Set<Pool> used = new HashSet<>();
    gateway.sessions().forEach(client -> used.add(client.pool()));
    all.values().removeIf(pool -> isNothing(pool) && !used.contains(pool));
  }

  private static boolean isNothing(Pool pool) {
    return !pool.hasServed() && pool.isEmpty() && pool.waiting() == 0;
  }

  /// What connections of theirs to the primary began with; nothing where there has been none.
  Map<String, String> beganOnPrimary(Pool.Who who) {
    Pool pool = all.get(new Place(who, null));
    return pool == null ? Map.of() : pool.began();
  }

  /// A replica does not answer.
  void lost(HostPort replica, ErrorReport why) {
    for (Pool pool : all()) {
      if (replica.equals(pool.replica())) {
        pool.links().forEach(link -> link.lost(why));
      }
    }
  }

  /// Other replicas than these are not asked any more.
  void keepReplicas(List<HostPort> wanted) {
    for (Pool pool : all()) {
      HostPort replica = pool.replica();
      if (replica != null && !wanted.contains(replica)) {
        all.remove(new Place(pool.who(), replica));
        // Whatever comes back to it is closed, logins under way too.
        pool.pause();
      }
    }
  }
}
