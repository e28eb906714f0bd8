package dev.freshet.load;

import org.jspecify.annotations.Nullable;

/// What became of one call.
///
/// @param reply null when none came
/// @param began nanoseconds, when it was meant to begin: not after it did
/// @param ended nanoseconds, when that was known
/// @param isCounted whether it is in the figures of its phase
public record Outcome(
    Call call, @Nullable Reply reply, long began, long ended, boolean isCounted) {}
