package dev.freshet.cache;

import java.util.List;

/// One stored answer: its octets, and what the owner knows about it (`M`, opaque here). Immutable.
///
/// Whether it is still valid is not kept in it but computed when asked, from stamps: see
/// [Cache#standing]. So a purge touches no entry.
public final class Entry<M> {
  /// Heap octets of an entry beside its content and its owner's part: object, arrays, list.
  static final long OVERHEAD = 104;

  private final M meta;
  private final byte[][] body;
  private final long bodyLength;
  private final List<Group> groups;
  private final long stamp;
  private final long metaWeight;
  private final boolean softened;

  Entry(M meta, byte[][] body, List<Group> groups, long stamp, long metaWeight, boolean softened) {
    this.meta = meta;
    this.body = body;
    this.groups = groups;
    this.stamp = stamp;
    this.metaWeight = metaWeight;
    this.softened = softened;
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

  /// The same, to be confirmed before use.
  Entry<M> soften() {
    return new Entry<>(meta, body, groups, stamp, metaWeight, true);
  }

  boolean isSoftened() {
    return softened;
  }

  List<Group> groupRecords() {
    return groups;
  }

  /// Octets of heap, bookkeeping included.
  long weight() {
    return OVERHEAD + bodyLength + 24L * body.length + metaWeight + 24L * groups.size();
  }
}
