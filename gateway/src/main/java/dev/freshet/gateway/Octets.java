package dev.freshet.gateway;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Looks at octets where they lie.
final class Octets {
  private static final long K = 0x9e3779b97f4a7c15L;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private Octets() {}

  static long hash(long seed, ByteBuf in, int from, int to) {
    long hash = mixed(seed ^ (to - from));
    int at = from;
    for (; at + 8 <= to; at += 8) {
      hash = mixed(hash ^ in.getLong(at));
    }
    for (; at < to; at++) {
      hash = mixed(hash ^ in.getByte(at));
    }
    return hash ^ hash >>> 29;
  }

  private static long mixed(long value) {
    long out = value * K;
    return out ^ out >>> 32;
  }

  static boolean equal(byte[] octets, ByteBuf in, int from, int to) {
    if (octets.length != to - from) {
      return false;
    }
    int i = 0;
    for (; i + 8 <= octets.length; i += 8) {
      if ((long) LONGS.get(octets, i) != in.getLong(from + i)) {
        return false;
      }
    }
    for (; i < octets.length; i++) {
      if (octets[i] != in.getByte(from + i)) {
        return false;
      }
    }
    return true;
  }
}
