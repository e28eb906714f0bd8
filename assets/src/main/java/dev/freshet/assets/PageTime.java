package dev.freshet.assets;

/// How long one page load took, as the browser's own clock says: milliseconds from the start of the
/// navigation.
///
/// @param document when the page's own HTML was there to its last octet
/// @param firstPaint when anything was painted; 0 where nothing was
/// @param firstContentful when the first text or picture was
/// @param largest when the largest one was that was painted by the end
/// @param interactive when the browser was free to react: the end of the last task of 50 ms or
///   more, and not before the whole HTML was parsed and its scripts had run (time to interactive)
/// @param blocking how long tasks kept the browser from reacting: what each took beyond 50 ms,
///   behind the first contentful paint (total blocking time)
/// @param loaded the end of the load event
/// @param octets from the network, heads included; what the browser had is nothing
/// @param requests that went to the network
public record PageTime(
    double document,
    double firstPaint,
    double firstContentful,
    double largest,
    double interactive,
    double blocking,
    double loaded,
    long octets,
    int requests) {}
