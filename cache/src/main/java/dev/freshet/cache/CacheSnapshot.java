package dev.freshet.cache;

/// The cache's figures at one moment.
///
/// @param keys in the heap tier
/// @param weight octets held by the heap tier, bookkeeping included
/// @param capacity octets it may hold
/// @param evictions keys that made room for others since the start
/// @param second the second tier's state in a word: `off`, `up`, `slow`, `down`
public record CacheSnapshot(long keys, long weight, long capacity, long evictions, String second) {}
