package dev.freshet.cache;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// What a purge hit.
///
/// @param entries in the heap tier of this node
/// @param second null without a second tier; else it completes once that knows of the purge. While
///   the second tier is away it does not complete; it fails when so many wait that one purge of
///   everything is to take their place
public record Purged(long entries, @Nullable CompletableFuture<Noted> second) {}
