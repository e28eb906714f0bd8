package dev.freshet.edge;

import java.util.Map;

/// How far asking ahead is; sums are since the start.
///
/// @param waiting addresses that are still to be asked for
/// @param underWay trips to the app at this moment
/// @param made answers that were made and kept
/// @param there that were kept already, or came from the second tier
/// @param notKept asked for, but nothing came of it that may be kept
/// @param leftAlone not asked for, by reason; only those that happened
public record WarmingSnapshot(
    int waiting, int underWay, long made, long there, long notKept, Map<String, Long> leftAlone) {

  /// Whether all that was wanted is done.
  public boolean isIdle() {
    return waiting == 0 && underWay == 0;
  }
}
