package dev.freshet.load;

import java.util.Set;

/// One request of a replay.
///
/// @param sitting whose it is
/// @param number its own, within a round of the replay
/// @param nanos when it is due, since the phase began
/// @param beside requests of the session that were not yet answered when this one was recorded: it
///   waits for all others before it, as it did then
record Due(Sitting sitting, long number, long nanos, Set<Long> beside, Call call) {}
