package dev.freshet.edge;

/// Why an origin gave no complete answer.
///
/// @param kind what happened, also the metric label and the `detail` in `Cache-Status`
/// @param message operation, object, numbers and next step, for the log; never sent to clients
/// @param retryable true when the origin can't have acted on the request, so that any method may be
///   tried elsewhere
record UpstreamFailure(Kind kind, String message, boolean retryable) {

  /// What happened, with the status a client gets for it (RFC 9110, section 15.6).
  enum Kind {
    CONNECT_REFUSED(502),
    CONNECT_TIMEOUT(504),
    RESPONSE_TIMEOUT(504),
    IDLE_TIMEOUT(504),
    CONNECTION_LOST(502),
    BAD_RESPONSE(502),
    RESPONSE_TOO_LARGE(502),
    NO_ORIGIN(503),
    OVERLOADED(503);

    private final int status;

    Kind(int status) {
      this.status = status;
    }

    int status() {
      return status;
    }
  }
}
