package dev.freshet.gateway;

import java.util.HashMap;
import java.util.Map;

/* What a name means in a pipeline.
 *
 * What is sent may come to nothing: after an error the server heeds nothing up to Sync. Until then
 * all that is said under a name comes to nothing with it, so within one round, from one
 * ReadyForQuery to the next, a name may be taken for what was said of it last. Beyond, nobody can
 * tell what it means before the round is answered. Who names it there waits.
 */

/// Names of which something was said in rounds that may not be answered yet.
final class Unsettled {
  private static final int ROOM = 64;

  private final Map<String, Long> rounds = new HashMap<>();
  private int room = ROOM;

  /// Something is said of it.
  ///
  /// @param answered how many rounds are answered to their end
  void said(String name, long round, long answered) {
    if (rounds.size() >= room) {
      // In a long transaction there may be any number of names, few of them open.
      rounds.values().removeIf(before -> before < answered);
      room = Math.max(ROOM, 2 * rounds.size());
    }
    rounds.put(name, round);
  }

  int size() {
    return rounds.size();
  }

  /// Whether it must not be named before more is answered.
  boolean isOpen(String name, ServerAnswers answers) {
    Long round = rounds.isEmpty() ? null : rounds.get(name);
    return round != null && answers.isOpen(round);
  }

  /// Everything is answered.
  void over() {
    if (!rounds.isEmpty()) {
      rounds.clear();
    }
  }
}
