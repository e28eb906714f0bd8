package dev.freshet.sql;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Eight octets of text made of any number. Each step is a bijection of what came before, so texts
/// that differ in one word of eight octets never meet; the result is the same on every machine.
final class Fingerprints {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Fingerprints() {}

  static long of(byte[] octets) {
    long hash = octets.length * 0x9E3779B97F4A7C15L;
    int at = 0;
    for (; at + 8 <= octets.length; at += 8) {
      hash = step(hash ^ (long) LONG.get(octets, at));
    }
    long rest = 0;
    for (; at < octets.length; at++) {
      rest = rest << 8 | (octets[at] & 0xff);
    }
    hash = step(hash ^ rest);
    return step(hash);
  }

  private static long step(long x) {
    long y = (x ^ (x >>> 32)) * 0xD6E8FEB86659FD93L;
    return y ^ (y >>> 29);
  }
}
