package dev.freshet.base;

import java.util.List;

/// Something a user can cause and mend: where it is, what is wrong, and the way out.
///
/// @param place where, for example `freshet.yaml:12 routes[2].ttl` or `--origin`
/// @param cause what is wrong there, one sentence without a full stop
/// @param remedy what to do, one sentence without a full stop
public record Trouble(String place, String cause, String remedy) {

  /// One line for a terminal: `place: cause; remedy`.
  public String line() {
    return place + ": " + cause + "; " + remedy;
  }

  /// Thrown with every trouble found, never only the first.
  public static class Found extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient List<Trouble> troubles;

    public Found(List<Trouble> troubles) {
      super(String.join("\n", troubles.stream().map(Trouble::line).toList()));
      this.troubles = List.copyOf(troubles);
    }

    public Found(Trouble trouble) {
      this(List.of(trouble));
    }

    /// At least one.
    public List<Trouble> troubles() {
      return troubles;
    }
  }
}
