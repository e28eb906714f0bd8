package dev.freshet.load;

/// What users do: gives each its own endless sequence of requests.
@FunctionalInterface
public interface Mix {

  /// The sequence of one user; equal seeds and numbers give equal sequences.
  Script of(long seed, int user);

  /// One user's sequence.
  @FunctionalInterface
  interface Script {
    Shot next();

    /// How long to wait before it.
    default long thinkNanos() {
      return 0;
    }
  }
}
