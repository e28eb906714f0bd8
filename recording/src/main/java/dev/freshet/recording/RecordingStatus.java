package dev.freshet.recording;

/// How far a recording is.
///
/// @param isOn false when it is over
/// @param seconds since it began, or that it lasted
/// @param requests written
/// @param sessions begun, those left out not among them
/// @param leftOut sessions of which something got lost, so that they are left out as a whole
/// @param contentsLeft requests whose content was not recorded: too long, or of a kind that can't
///   be masked
/// @param octets of the file so far
/// @param ended why it is over; empty while it is on
public record RecordingStatus(
    boolean isOn,
    String file,
    double seconds,
    long requests,
    long sessions,
    long leftOut,
    long contentsLeft,
    long octets,
    String ended) {}
