package dev.freshet.cache;

/// A purge as the second tier has noted it.
///
/// @param epoch the life of the sequence that its place is in
/// @param before place of the last purge of just the same, or 0: what it covered was gone already
/// @param hit how many values it hit there, or -1 where only a search can tell, see [Cache#hits]
public record Noted(Purge purge, long epoch, long place, long before, long hit) {}
