package dev.freshet.edge;

/// What browsers were spared, and told beside pages, since the start; for people.
///
/// @param differences answers sent as what differs from a dictionary
/// @param savedBytes octets not sent for it
/// @param dictionaryBytes octets of dictionaries held now
/// @param earlyHints pages whose files were named before the app had answered
/// @param aheadGiven pages given from memory before anybody wanted them
/// @param aheadRefused the same, not given since they were not there
public record BrowserSnapshot(
    long differences,
    long savedBytes,
    long dictionaryBytes,
    long earlyHints,
    long aheadGiven,
    long aheadRefused) {}
