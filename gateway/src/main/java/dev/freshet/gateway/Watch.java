package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import dev.freshet.base.Time;
import dev.freshet.freshness.Freshness;
import dev.freshet.freshness.Trails;
import dev.freshet.sql.Catalog;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// For whom the gateway books what statements read and write.
///
/// @param on false while nobody is told anything; it may begin at any time, and goes on then
/// @param trails the requests that statements may belong to
/// @param database the one whose tables are known
/// @param catalog what is known of them; null while it is not read yet
/// @param isFollowed whether every change of the table with that number is told
/// @param defined told that something in the database was defined anew
/// @param server told which server is used, before anything is asked of it
/// @param jobs users and application names whose statements never belong to a request
public record Watch(
    BooleanSupplier on,
    Trails trails,
    Supplier<String> database,
    Supplier<@Nullable Catalog> catalog,
    Predicate<Long> isFollowed,
    Runnable defined,
    Consumer<HostPort> server,
    Supplier<Set<String>> jobs) {
  /// Whether anybody is told anything.
  boolean isOn() {
    return on.getAsBoolean();
  }

  /// Nobody.
  static Watch nobody(Time time) {
    Trails none = new Trails(new Freshness(1), time);
    return new Watch(
        () -> false, none, () -> "", () -> null, table -> false, () -> {}, host -> {}, Set::of);
  }
}
