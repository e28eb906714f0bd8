package dev.freshet.cache;

/// What a purge hit.
///
/// @param entries in the heap tier of this node
/// @param second in the second tier, or -1 when it keeps no count
public record Purged(long entries, long second) {}
