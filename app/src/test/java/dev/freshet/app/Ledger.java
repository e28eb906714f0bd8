package dev.freshet.app;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the writers know of each row: its versions, when each was promised to be seen, and what may
/// have happened besides.
final class Ledger {
  private static final int KEPT = 400;

  /// @param table by name
  record Row(String table, int id) {}

  /// What became of a row.
  ///
  /// @param group it is in from this version on
  /// @param position of the log behind its commit, or 0 where that is not known yet
  private record Fact(int group, long position) {}

  private static final class Story {
    final NavigableMap<Long, Fact> facts = new TreeMap<>();
    final Set<Integer> possibleGroups = new HashSet<>();
    final Map<Integer, Integer> underWay = new HashMap<>();
    final Map<String, Long> acknowledged = new HashMap<>();
  }

  private final Map<Row, Story> stories = new HashMap<>();

  /// A row that was there at the beginning.
  synchronized void begins(Row row, int group) {
    Story story = new Story();
    story.facts.put(0L, new Fact(group, 0));
    stories.put(row, story);
  }

  private Story story(Row row) {
    Story story = stories.get(row);
    if (story == null) {
      throw new IllegalArgumentException("nobody knows " + row);
    }
    return story;
  }

  synchronized List<Row> rows() {
    return List.copyOf(stories.keySet());
  }

  /// Somebody is about to put the row into the group.
  synchronized void tries(Row row, int group) {
    story(row).underWay.merge(group, 1, Integer::sum);
  }

  /// It is not known what became of a try.
  synchronized void lostSight(Row row, int group) {
    story(row).possibleGroups.add(group);
    ended(row, group);
  }

  /// It certainly did not happen.
  synchronized void failed(Row row, int group) {
    ended(row, group);
  }

  private void ended(Row row, int group) {
    story(row).underWay.computeIfPresent(group, (g, n) -> n == 1 ? null : n - 1);
  }

  /// It happened.
  ///
  /// @param position behind its commit
  /// @param acknowledgedBy the node that promised the writer that everybody sees it; empty for none
  synchronized void happened(
      Row row, long version, int group, long position, String acknowledgedBy) {
    Story story = story(row);
    ended(row, group);
    story.facts.put(version, new Fact(group, position));
    if (!acknowledgedBy.isEmpty()) {
      story.acknowledged.merge(acknowledgedBy, version, Math::max);
    }
    while (story.facts.size() > KEPT) {
      story.facts.pollFirstEntry();
    }
  }

  /// The versions that whoever asks now must see at least.
  ///
  /// @param node that is asked
  /// @param published there; 0 while it has no feed
  synchronized Floors floors(String node, long published) {
    Map<Row, Long> byFeed = new HashMap<>();
    Map<Row, Long> byWord = new HashMap<>();
    Map<Row, Long> byOthers = new HashMap<>();
    stories.forEach((row, story) -> {
      byFeed.put(row, published == 0 ? 0L : lastBy(story, published));
      byWord.put(row, story.acknowledged.getOrDefault(node, 0L));
      byOthers.put(
          row, story.acknowledged.values().stream().mapToLong(Long::longValue).max().orElse(0));
    });
    return new Floors(byFeed, byWord, byOthers);
  }

  private static long lastBy(Story story, long published) {
    for (Map.Entry<Long, Fact> fact : story.facts.descendingMap().entrySet()) {
      long position = fact.getValue().position();
      if (position != 0 && Long.compareUnsigned(position, published) <= 0) {
        return fact.getKey();
      }
    }
    return 0;
  }

  /// @param byFeed published when the question was asked
  /// @param byWord acknowledged by the node itself when the question was asked
  /// @param byOthers acknowledged by any node
  record Floors(Map<Row, Long> byFeed, Map<Row, Long> byWord, Map<Row, Long> byOthers) {

    /// The rule that an answer with this version breaks, or null.
    @Nullable String broken(Row row, long version) {
      if (version < byWord.getOrDefault(row, 0L)) {
        return "G2 acknowledged writes";
      }
      if (version < byOthers.getOrDefault(row, 0L)) {
        return "G2 acknowledged by another node";
      }
      return version < byFeed.getOrDefault(row, 0L) ? "G1 published writes" : null;
    }

    long of(Row row) {
      return Math.max(byFeed.getOrDefault(row, 0L), byOthers.getOrDefault(row, 0L));
    }
  }

  /// Which rows should have been in an answer about a group and were not, whatever else happened.
  synchronized List<Row> missing(Floors floors, String table, int group, Set<Integer> present) {
    List<Row> out = new ArrayList<>();
    stories.forEach((row, story) -> {
      if (!row.table().equals(table) || present.contains(row.id())) {
        return;
      }
      long floor = floors.of(row);
      boolean mayBeElsewhere =
          story.possibleGroups.stream().anyMatch(g -> g != group)
              || story.underWay.keySet().stream().anyMatch(g -> g != group)
              || story.facts.tailMap(floor, true).values().stream()
                  .anyMatch(fact -> fact.group() != group);
      boolean isKnown = story.facts.containsKey(floor);
      if (isKnown && !mayBeElsewhere) {
        out.add(row);
      }
    });
    return out;
  }
}
