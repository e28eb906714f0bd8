package dev.freshet.recording;

/// How a recorded request was answered.
///
/// @param status 0 when the client went away before there was one
/// @param nanos from the request's head to the last octet handed over
/// @param isHit whether it came from memory, by `Cache-Status`
/// @param octets of content
public record Answer(int status, long nanos, boolean isHit, long octets) {}
