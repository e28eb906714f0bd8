package dev.freshet.edge;

import dev.freshet.edge.Parts.Span;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Octets of one representation, as many as are known. Immutable.
final class PartialContent {
  /// Where many scattered octets are asked for, so many places of them are known at a time.
  static final int MAX_SPANS = 32;

  private static final int PIECE = 65_536;

  private final Parts parts;
  private final byte[][] octets;

  /// @param octets those of all parts in a row, in pieces; not changed by anyone
  PartialContent(Parts parts, byte[][] octets) {
    this.parts = parts;
    this.octets = octets;
  }

  Parts parts() {
    return parts;
  }

  /// The octets of all parts in a row; must not be changed.
  @SuppressWarnings("MutableMethodReturnType")
  byte[][] octets() {
    return octets;
  }

  /// A span, and where its octets are.
  private record Source(Span span, PartialContent from) {
    byte[][] octets() {
      long at = from.parts.offset(span.first(), span.last());
      return Slices.of(from.octets, at, span.length());
    }
  }

  /// These octets, and of the older ones of the same representation what they leave out, from the
  /// front as far as there is room.
  ///
  /// @param most octets that may be kept in all
  PartialContent over(PartialContent older, long most) {
    List<Source> all = new ArrayList<>();
    parts.spans().forEach(span -> all.add(new Source(span, this)));
    long room = most - parts.octets();
    for (Span span : older.parts.spans()) {
      for (Span left : without(span, parts.spans())) {
        if (left.length() <= room && all.size() < MAX_SPANS) {
          all.add(new Source(left, older));
          room -= left.length();
        }
      }
    }
    all.sort(Comparator.comparingLong(source -> source.span().first()));
    List<Span> spans = new ArrayList<>();
    List<byte[]> pieces = new ArrayList<>();
    for (Source source : all) {
      add(spans, source.span());
      for (byte[] piece : source.octets()) {
        add(pieces, piece);
      }
    }
    return new PartialContent(new Parts(spans), pieces.toArray(new byte[0][]));
  }

  /// What is left of a span when others, which are in order, are taken out of it.
  private static List<Span> without(Span span, List<Span> others) {
    List<Span> left = new ArrayList<>(2);
    long from = span.first();
    for (Span other : others) {
      if (other.last() < from || other.first() > span.last()) {
        continue;
      }
      if (from < other.first()) {
        left.add(new Span(from, other.first() - 1));
      }
      from = other.last() + 1;
    }
    if (from <= span.last()) {
      left.add(new Span(from, span.last()));
    }
    return left;
  }

  private static void add(List<Span> spans, Span next) {
    Span before = spans.isEmpty() ? null : spans.getLast();
    if (before != null && before.last() + 1 == next.first()) {
      spans.set(spans.size() - 1, new Span(before.first(), next.last()));
    } else {
      spans.add(next);
    }
  }

  /// Two small pieces become one, so that content that came octet by octet takes no more room than
  /// it would in one go.
  private static void add(List<byte[]> pieces, byte[] next) {
    byte[] before = pieces.isEmpty() ? null : pieces.getLast();
    if (before != null && before.length + next.length <= PIECE) {
      byte[] both = new byte[before.length + next.length];
      System.arraycopy(before, 0, both, 0, before.length);
      System.arraycopy(next, 0, both, before.length, next.length);
      pieces.set(pieces.size() - 1, both);
    } else {
      pieces.add(next);
    }
  }
}
