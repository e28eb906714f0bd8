package dev.freshet.cache;

import org.jspecify.annotations.Nullable;

/// How purges are called in the second tier: a letter and a name.
final class PurgeNames {
  private PurgeNames() {}

  static String kind(Purge purge) {
    return switch (purge) {
      case Purge.Url url -> "k";
      case Purge.Prefix prefix -> "p";
      case Purge.Group group -> "g";
      case Purge.Everything everything -> "a";
    };
  }

  static String name(Purge purge) {
    return switch (purge) {
      case Purge.Url url -> url.key();
      case Purge.Prefix prefix -> prefix.prefix();
      case Purge.Group group -> group.name();
      case Purge.Everything everything -> "";
    };
  }

  /// Null when a newer node wrote what this one doesn't know.
  static @Nullable Purge purge(String kind, String name, boolean soft) {
    return switch (kind) {
      case "k" -> new Purge.Url(name, soft);
      case "p" -> new Purge.Prefix(name, soft);
      case "g" -> new Purge.Group(name, soft);
      case "a" -> new Purge.Everything(soft);
      default -> null;
    };
  }
}
