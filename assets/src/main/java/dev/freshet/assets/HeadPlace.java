package dev.freshet.assets;

import java.util.Locale;

/// Where in a page's head something may be put in: at its very beginning, but where the response
/// names no encoding only behind the page's own word on it. Browsers look for that in the first
/// 1,024 octets (HTML, section 13.2.3.2), and what is put in before would push it out of these.
final class HeadPlace {
  private static final byte[] CHARSET = Ascii.octets("charset");
  private static final byte[] HTTP_EQUIV = Ascii.octets("http-equiv");
  private static final byte[] CONTENT = Ascii.octets("content");

  private boolean isDeclared = true;
  private boolean hasTag;
  private boolean isOver;
  private boolean isStyled;
  private boolean isBound;

  /// The response doesn't say how the page is encoded.
  void undeclared() {
    isDeclared = false;
  }

  /// Each tag, before anything is put behind it.
  void see(Tag tag) {
    switch (tag.element()) {
      case HEAD -> hasTag = true;
      case BODY -> isOver = true;
      case META -> {
        isBound |= isEquivalent(tag, "content-security-policy");
        isDeclared |= declares(tag);
      }
      // A script may write styles.
      case STYLE, LINK, SCRIPT -> isStyled = true;
      default -> {}
    }
  }

  private static boolean isEquivalent(Tag tag, String field) {
    return field.equalsIgnoreCase(tag.value(HTTP_EQUIV));
  }

  private static boolean declares(Tag tag) {
    String content = tag.value(CONTENT);
    return tag.has(CHARSET)
        || (content != null
            && isEquivalent(tag, "content-type")
            && content.toLowerCase(Locale.ROOT).contains("charset"));
  }

  boolean isOver() {
    return isOver;
  }

  /// Whether octets may be put in here.
  boolean isFree() {
    return isDeclared || isOver;
  }

  /// Whether scripts may come here: a policy in the page concerns what stands behind it, and a head
  /// may go without its tag.
  boolean takesScripts() {
    return isDeclared && !isOver && !isBound;
  }

  /// Whether rules of the lowest rank may come here: no style may stand before them.
  boolean takesRules() {
    return takesScripts() && hasTag && !isStyled;
  }
}
