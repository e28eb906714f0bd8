package dev.freshet.freshness;

/// The 64-bit names under which [LastChanges] keeps positions. Two things with one name are taken
/// for each other: that makes an answer count as changed once too often, and never too rarely.
final class Mark {
  private static final long TABLE = 0x9E37_79B9_7F4A_7C15L;
  private static final long WHOLE = 0xC2B2_AE3D_27D4_EB4FL;
  private static final long COLUMN = 0x1656_67B1_9E37_79F9L;

  private Mark() {}

  /// Some row of the table.
  static long table(long relation) {
    return mix(relation ^ TABLE);
  }

  /// All rows of the table at once: it was emptied, or it is no longer what it was.
  static long whole(long relation) {
    return mix(relation ^ WHOLE);
  }

  /// Rows of the table by unknown values of the column.
  static long column(long relation, int column) {
    return mix(mix(relation ^ COLUMN) + column);
  }

  /// The rows of the table where the column has the value.
  static long rows(long relation, int column, String value) {
    long h = column(relation, column);
    for (int i = 0; i < value.length(); i++) {
      h = (h ^ value.charAt(i)) * 0x0000_0100_0000_01B3L;
      h ^= h >>> 29;
    }
    return mix(h + value.length());
  }

  /// Stafford's thirteenth variant of the finaliser of MurmurHash3; never 0, which means nothing.
  private static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D0_49BB_1331_11EBL;
    z ^= z >>> 31;
    return z == 0 ? 1 : z;
  }
}
