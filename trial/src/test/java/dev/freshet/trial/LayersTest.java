package dev.freshet.trial;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Who may import whom: the table of docs/architecture.md, held against imports and poms.
class LayersTest {
  /// Room to the rooms it may import. `trial` and `bench` may use everything.
  private static final Map<String, Set<String>> MAY_IMPORT =
      Map.ofEntries(
          Map.entry("base", Set.of()),
          Map.entry("freshness", Set.of("base")),
          Map.entry("http", Set.of("base")),
          Map.entry("pgwire", Set.of("base")),
          Map.entry("sql", Set.of("base", "freshness")),
          Map.entry("cache", Set.of("base", "freshness")),
          Map.entry("recording", Set.of("base")),
          Map.entry("edge", Set.of("base", "http", "freshness", "cache", "recording")),
          Map.entry("gateway", Set.of("base", "pgwire", "sql", "freshness", "cache")),
          Map.entry("changes", Set.of("base", "sql", "freshness")),
          Map.entry("live", Set.of("base", "http", "freshness")),
          Map.entry("assets", Set.of("base", "http")),
          Map.entry("console", Set.of("base", "http")),
          Map.entry("load", Set.of("base", "http", "recording")),
          Map.entry("testkit", Set.of("base", "http")),
          Map.entry("shop", Set.of()),
          Map.entry("app", below()));

  /// The top floor: every room but itself, and nothing that is for tests only.
  private static Set<String> below() {
    Set<String> all = new TreeSet<>(Sources.ROOMS);
    all.removeAll(Set.of("app", "testkit"));
    return all;
  }

  private static final Pattern OURS = Pattern.compile("dev\\.freshet\\.([a-z]+)");
  private static final Pattern DEPENDENCY =
      Pattern.compile(
          "<groupId>dev\\.freshet</groupId>\\s*<artifactId>([a-z]+)</artifactId>"
              + "(?:\\s*<scope>([a-z]+)</scope>)?");

  @Test
  void roomsImportOnlyWhatTheTableAllows() {
    List<String> wrong = new ArrayList<>();
    MAY_IMPORT.forEach((room, allowed) -> {
      for (Path file : Sources.java(room, "main")) {
        Matcher names = OURS.matcher(code(Sources.read(file)));
        while (names.find()) {
          String other = names.group(1);
          if (!other.equals(room) && !allowed.contains(other)) {
            wrong.add(file.getFileName() + " of " + room + " uses " + other);
          }
        }
      }
    });
    assertThat(wrong).isEmpty();
  }

  @Test
  void pomsHoldTheSameTable() {
    Map<String, Set<String>> wrong = new TreeMap<>();
    MAY_IMPORT.forEach((room, allowed) -> {
      String pom = Sources.read(Sources.root().resolve(room).resolve("pom.xml"));
      Matcher found = DEPENDENCY.matcher(pom.substring(pom.indexOf("<dependencies>")));
      while (found.find()) {
        boolean isTest = "test".equals(found.group(2));
        if (!isTest && !allowed.contains(found.group(1))) {
          wrong.computeIfAbsent(room, r -> new TreeSet<>()).add(found.group(1));
        }
      }
    });
    assertThat(wrong).isEmpty();
  }

  @Test
  void packagesAreFlatAndNamedAfterTheirRoom() {
    List<String> wrong = new ArrayList<>();
    for (String room : Sources.ROOMS) {
      for (String kind : List.of("main", "test")) {
        for (Path file : Sources.java(room, kind)) {
          if (!Sources.read(file).contains("\npackage dev.freshet." + room + ";")
              && !Sources.read(file).startsWith("package dev.freshet." + room + ";")) {
            wrong.add(file.toString());
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  /// Time, sleep, environment and exit come in through few doors.
  @Test
  void onlyBaseAsksForTimeAndOnlyAppForTheEnvironment() {
    List<String> wrong = new ArrayList<>();
    for (String room : Sources.ROOMS) {
      if (room.equals("shop") || room.equals("testkit")) {
        continue;
      }
      for (Path file : Sources.java(room, "main")) {
        String text = code(Sources.read(file));
        for (String call :
            List.of(
                "System.nanoTime(", "System.currentTimeMillis(", "Instant.now(", "Thread.sleep(")) {
          if (!room.equals("base") && text.contains(call)) {
            wrong.add(file.getFileName() + " calls " + call);
          }
        }
        for (String call : List.of("System.getenv(", "System.exit(")) {
          if (!room.equals("app") && text.contains(call)) {
            wrong.add(file.getFileName() + " calls " + call);
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  private static String code(String text) {
    return text.lines()
        .filter(line -> !line.strip().startsWith("///") && !line.strip().startsWith("*"))
        .reduce("", (a, b) -> a + b + "\n");
  }
}
