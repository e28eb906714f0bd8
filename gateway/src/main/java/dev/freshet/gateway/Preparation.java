package dev.freshet.gateway;

/// What one of a client's names for statements stands for.
sealed interface Preparation permits Called, Unshared {
  Reading reading();

  /// Of the parameters as declared, four octets each.
  @SuppressWarnings("MutableMethodReturnType")
  byte[] types();
}
