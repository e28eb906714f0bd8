package dev.freshet.cache;

import java.util.List;

/// What becomes of an entry beside those that are under its key already; called once, at the moment
/// in which it is stored.
public interface Combination<M> {

  /// What to store; the added one itself where there is nothing to combine it with. It keeps the
  /// added one's stamp and belongs to all groups of what it is made of.
  ///
  /// @param there those that no purge has ended, newest first
  Entry<M> of(Entry<M> added, List<Entry<M>> there);

  /// Whether what is stored takes the place of another.
  boolean replaces(M stored, M other);

  /// Whether what was combined is for other programs too. What grows piece by piece is not: with
  /// each piece all of it would be written again.
  boolean isForOthers(M combined);

  /// Wall clock after which nobody wants it, milliseconds.
  long expires(M stored);
}
