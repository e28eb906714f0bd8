package dev.freshet.gateway;

import java.util.Map;

/// Results in memory at one moment.
///
/// @param keys results held
/// @param bytes that they take, of [#capacity]
/// @param evictions results that made room for others
/// @param secondTier in a word: `off`, `up`, `slow`, `down`
/// @param hits statements answered from memory
/// @param joined statements that waited for another's trip
/// @param misses statements whose result may be kept and that went to the server
/// @param kept results stored
/// @param refused results that were to be stored and were not
/// @param untold answers whose rows can't be told, by reason: of the statement or of the session
/// @param fenceP50Millis how long answers to transactions that wrote were held
/// @param fenceLate answers that went out before they were published
public record ResultsSnapshot(
    long keys,
    long bytes,
    long capacity,
    long evictions,
    String secondTier,
    long hits,
    long joined,
    long misses,
    long kept,
    long refused,
    Map<String, Long> untold,
    double fenceP50Millis,
    double fenceP99Millis,
    long fenceLate) {}
