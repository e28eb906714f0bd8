package dev.freshet.assets;

import org.jspecify.annotations.Nullable;

/// What the tags so far say of where the next octets stand, as far as it can be known without
/// building the tree.
///
/// The reader's state depends on the tree in a few places only (HTML, section 13.2.5: foreign
/// content, elements that are ignored where they stand). SVG and MathML are followed by counting.
/// It may say *foreign* where a browser has already left it (an outer end tag closes it), so there
/// nothing is rewritten, and what reads differently in and outside of foreign content ends the
/// rewriting. It never says *HTML* where a browser is in foreign content: that begins with a tag
/// only, and ends here only with its own end tag or with one that always ends it.
final class Surroundings {
  /// How what follows a start tag is to be read.
  enum Next {
    TAGS,
    RAW,
    /// Text by either reading, or not to be read with certainty.
    FOREIGN_RAW,
    UNKNOWN
  }

  private Element root = Element.OTHER;
  private Element integration = Element.OTHER;
  private int foreign;

  /// Elements open in the integration point.
  private int open;

  private int templates;
  private boolean isInPicture;
  private boolean isInSelect;

  /// Whether what stands here is HTML that is shown.
  boolean isPage() {
    return foreign == 0 && templates == 0 && !isInSelect;
  }

  boolean isForeign() {
    return foreign > 0;
  }

  boolean isInPicture() {
    return isInPicture;
  }

  /// A start tag was read.
  Next start(Element element, boolean isClosed) {
    if (foreign == 0 && element.isOrdinary()) {
      return Next.TAGS;
    }
    if (foreign > 0) {
      Next next = inForeign(element, isClosed);
      if (next != null) {
        return next;
      }
    }
    return switch (element) {
      case FRAMESET -> Next.UNKNOWN;
      case TEMPLATE -> {
        templates++;
        yield Next.TAGS;
      }
      case PICTURE -> {
        isInPicture = true;
        yield Next.TAGS;
      }
      case SELECT -> {
        isInSelect = true;
        yield Next.TAGS;
      }
      case SVG, MATH -> {
        if (!isClosed) {
          root = element;
          foreign = 1;
        }
        yield Next.TAGS;
      }
      default -> element.kind() == Element.Kind.RAW ? raw(element) : Next.TAGS;
    };
  }

  /// Most elements are ignored in a select, by some browsers, and then their content is none.
  private Next raw(Element element) {
    return isInSelect && element != Element.SCRIPT ? Next.UNKNOWN : Next.RAW;
  }

  /// Null where the tag has ended the foreign content.
  private @Nullable Next inForeign(Element element, boolean isClosed) {
    if (integration != Element.OTHER) {
      boolean isPlain =
          element.kind() == Element.Kind.PLAIN || element.kind() == Element.Kind.BREAKOUT;
      boolean isSure = isPlain && element != Element.SELECT && element != Element.FRAMESET;
      open += isClosed || isEmpty(element) ? 0 : 1;
      return isSure && element != Element.TEMPLATE ? Next.TAGS : Next.UNKNOWN;
    }
    return switch (element.kind()) {
      case BREAKOUT -> {
        foreign = 0;
        yield null;
      }
      case FOREIGN -> {
        if (element == root && !isClosed) {
          foreign++;
        }
        yield Next.TAGS;
      }
      case INTEGRATION -> {
        if (!isClosed) {
          integration = element;
          open = 0;
        }
        yield Next.TAGS;
      }
      case RAW -> {
        boolean isKnown =
            element == Element.STYLE || element == Element.SCRIPT || element == Element.TITLE;
        yield isKnown && !isClosed ? Next.FOREIGN_RAW : Next.UNKNOWN;
      }
      case PLAIN ->
          switch (element) {
            case OTHER, PICTURE, HTML, BASE -> Next.TAGS;
            default -> Next.UNKNOWN;
          };
    };
  }

  /// Has no end tag.
  private static boolean isEmpty(Element element) {
    return switch (element) {
      case IMG, BR, HR, EMBED, META, BASE -> true;
      default -> false;
    };
  }

  /// An end tag was read; false when it is no longer known where the rest stands.
  boolean end(Element element) {
    if (foreign > 0) {
      return endInForeign(element);
    }
    if (element.isOrdinary()) {
      return true;
    }
    switch (element) {
      case TEMPLATE -> templates = Math.max(0, templates - 1);
      case PICTURE -> isInPicture = false;
      case SELECT -> isInSelect = false;
      default -> {}
    }
    return true;
  }

  private boolean endInForeign(Element element) {
    if (integration != Element.OTHER) {
      if (element != integration) {
        open--;
        return element != root && element != Element.TEMPLATE;
      }
      integration = Element.OTHER;
      // Something in it that was never closed may keep it open.
      return open == 0;
    }
    if (element == root) {
      foreign--;
    } else if (element == Element.P || element == Element.BR) {
      foreign = 0;
    }
    return element != Element.TEMPLATE;
  }
}
