package dev.freshet.assets;

/// A whole page as it is to be sent, and what was put into it.
public final class RewrittenPage {
  private final byte[][] content;
  private final Inserted inserted;

  RewrittenPage(byte[][] content, Inserted inserted) {
    this.content = content;
    this.inserted = inserted;
  }

  /// In pieces; must not be changed.
  @SuppressWarnings("MutableMethodReturnType")
  public byte[][] content() {
    return content;
  }

  public Inserted inserted() {
    return inserted;
  }
}
