package dev.freshet.shop;

/// What a visitor did that the shop will not do: an HTTP status and one sentence for a person.
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final int status;
  private final String allow;

  private Refusal(int status, String sentence, String allow) {
    super(sentence, null, false, false);
    this.status = status;
    this.allow = allow;
  }

  /// 400 for a value that can't be read.
  static Refusal bad(String sentence) {
    return new Refusal(400, sentence, "");
  }

  /// 404 for a thing that is not there.
  static Refusal missing(String what) {
    return new Refusal(404, what + " does not exist.", "");
  }

  /// 405 with the methods that would work.
  static Refusal method(String method, String allow) {
    return new Refusal(405, method + " is not implemented here; try " + allow + ".", allow);
  }

  /// Any other status.
  static Refusal of(int status, String sentence) {
    return new Refusal(status, sentence, "");
  }

  int status() {
    return status;
  }

  String sentence() {
    return String.valueOf(getMessage());
  }

  /// The `Allow` field of a 405, else empty.
  String allow() {
    return allow;
  }
}
