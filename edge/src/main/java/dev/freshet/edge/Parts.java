package dev.freshet.edge;

import java.util.List;

/// Which octets of a whole are there (RFC 9110, section 14.4): in order, with gaps between them.
record Parts(List<Span> spans) {

  /// Octets `first` to `last`, both included.
  record Span(long first, long last) {
    long length() {
      return last - first + 1;
    }
  }

  Parts {
    spans = List.copyOf(spans);
  }

  static Parts of(long first, long last) {
    return new Parts(List.of(new Span(first, last)));
  }

  /// How many octets are there.
  long octets() {
    return spans.stream().mapToLong(Span::length).sum();
  }

  /// Estimated octets of heap.
  long weight() {
    return 60 + 40L * spans.size();
  }

  /// Where octet `first` is among those that are there; -1 when it is not, or another up to `last`.
  long offset(long first, long last) {
    long before = 0;
    for (Span span : spans) {
      if (span.first() <= first && last <= span.last()) {
        return before + first - span.first();
      }
      before += span.length();
    }
    return -1;
  }
}
