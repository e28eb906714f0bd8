package dev.freshet.assets;

import java.util.Base64;

/// A picture of next to nothing, to try what can be written.
final class TinyPicture {
  private static final String PNG =
      "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAAAAAA6mKC9AAAAD0lEQVR42mNoQAMMI1sAAAUMgAHjM1mK"
          + "AAAAAElFTkSuQmCC";

  private TinyPicture() {}

  /// Grey, 16 pixels wide and high.
  static byte[] png() {
    return Base64.getDecoder().decode(PNG);
  }
}
