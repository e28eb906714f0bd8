package dev.freshet.edge;

/// The fields of a stored response that differ each time it is sent.
///
/// @param ageSeconds value of `Age`, or -1 to leave it out
/// @param cacheStatus value of `Cache-Status` (RFC 9211)
record Dynamic(long ageSeconds, String cacheStatus) {}
