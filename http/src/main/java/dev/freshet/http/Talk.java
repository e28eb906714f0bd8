package dev.freshet.http;

/// What an [OwnResource] wants to hear of one request; all calls on the caller's loop.
public interface Talk {

  /// Octets of the tunnel; content of an ordinary request is not passed on.
  default void content(byte[] octets) {}

  /// The caller can take more after [Caller#isWritable] was false.
  default void writable() {}

  /// The caller went away: nothing may be sent any more.
  default void gone() {}
}
