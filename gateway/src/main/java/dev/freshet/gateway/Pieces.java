package dev.freshet.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/// Puts together what arrives in pieces.
final class Pieces {
  private Pieces() {}

  /// @param before taken over, as is `data`
  static ByteBuf joined(@Nullable ByteBuf before, ByteBuf data, ByteBufAllocator alloc) {
    if (before == null) {
      return data;
    }
    if (before.refCnt() == 1 && before.isWritable(data.readableBytes())) {
      before.writeBytes(data);
      data.release();
      return before;
    }
    int size = before.readableBytes() + data.readableBytes();
    ByteBuf more = alloc.directBuffer(Math.max(4_096, Integer.highestOneBit(size) * 2));
    more.writeBytes(before).writeBytes(data);
    before.release();
    data.release();
    return more;
  }
}
