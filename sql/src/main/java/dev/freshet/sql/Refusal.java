package dev.freshet.sql;

/// Ends the reading of a shape.
final class Refusal extends Exception {
  private static final long serialVersionUID = 1L;
  private final NotCacheable reason;

  Refusal(NotCacheable reason) {
    super(reason.name(), null, false, false);
    this.reason = reason;
  }

  NotCacheable reason() {
    return reason;
  }
}
