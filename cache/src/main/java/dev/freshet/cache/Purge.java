package dev.freshet.cache;

/// What to forget. Soft purges leave entries to be confirmed by their origin, hard ones leave
/// nothing.
public sealed interface Purge {

  boolean soft();

  /// One key, and every key that continues it after [Cache#SEPARATOR] (a URL's copies by user).
  record Url(String key, boolean soft) implements Purge {}

  /// Every key that begins so.
  record Prefix(String prefix, boolean soft) implements Purge {}

  /// Every entry in a group.
  record Group(String name, boolean soft) implements Purge {}

  record Everything(boolean soft) implements Purge {}
}
