package dev.freshet.cache;

import dev.freshet.freshness.Evidence;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One stored answer: its octets, and what the owner knows about it (`M`, opaque here). Immutable.
///
/// Whether it is still valid is not kept in it but computed when asked, from stamps and positions:
/// see [Cache#standing]. So neither a purge nor a changed row touches an entry.
public final class Entry<M> {
  /// Heap octets of an entry beside its content and its owner's part: object, arrays, list.
  static final long OVERHEAD = 104;

  private static final int MOST_USES = 64;

  private final M meta;
  private final byte[][] body;
  private final long bodyLength;
  private final List<Group> groups;
  private final long stamp;
  private final long metaWeight;
  private final boolean softened;
  private final @Nullable Evidence evidence;

  /// Up to [#MOST_USES]. A race loses one, which does no harm.
  private int uses;

  private boolean watched;

  Entry(
      M meta,
      byte[][] body,
      List<Group> groups,
      long stamp,
      long metaWeight,
      boolean softened,
      @Nullable Evidence evidence) {
    this.meta = meta;
    this.body = body;
    this.groups = groups;
    this.stamp = stamp;
    this.metaWeight = metaWeight;
    this.softened = softened;
    this.evidence = evidence;
    long length = 0;
    for (byte[] piece : body) {
      length += piece.length;
    }
    this.bodyLength = length;
  }

  public M meta() {
    return meta;
  }

  /// The content in pieces; must not be changed.
  @SuppressWarnings("MutableMethodReturnType")
  public byte[][] body() {
    return body;
  }

  public long bodyLength() {
    return bodyLength;
  }

  public List<String> groups() {
    return groups.stream().map(Group::name).toList();
  }

  /// The moment its fill began, on the scale of [Cache#stamp].
  public long stamp() {
    return stamp;
  }

  /// What it was made from, where it lives as long as that stays as it is; null where only time and
  /// purges end it.
  public @Nullable Evidence evidence() {
    return evidence;
  }

  /// Counts that somebody was answered with it.
  ///
  /// @return how often that was by now, as far as it is counted
  public int use() {
    int now = uses;
    if (now < MOST_USES) {
      now++;
      uses = now;
    }
    return now;
  }

  /// How often somebody was answered with it, in this form, as far as it is counted.
  public int uses() {
    return uses;
  }

  /// From now on its owner watches what it was made from.
  public void watched() {
    watched = true;
  }

  public boolean isWatched() {
    return watched;
  }

  /// The same, to be confirmed before use.
  Entry<M> soften() {
    return new Entry<>(meta, body, groups, stamp, metaWeight, true, evidence);
  }

  boolean isSoftened() {
    return softened;
  }

  List<Group> groupRecords() {
    return groups;
  }

  /// Octets of heap, bookkeeping included.
  long weight() {
    long grounds = evidence == null ? 0 : evidence.weight();
    return OVERHEAD + bodyLength + 24L * body.length + metaWeight + 24L * groups.size() + grounds;
  }
}
