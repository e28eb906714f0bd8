package dev.freshet.trial;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/// The house rules that a program can check.
class TidyTest {
  private static final int MAX_FILE = 600;
  private static final int MAX_METHOD = 70;
  private static final int MAX_LINE = 100;
  private static final Pattern BANNED =
      Pattern.compile(
          "\\b(?:class|record|interface|enum) (\\w*(?:Impl|Manager|Helper|Utils?|Factory)|Abstract\\w+|Default[A-Z]\\w+)\\b");
  private static final List<String> HEADINGS =
      List.of(
          "**Purpose.**", "**Start here.**", "**Threads.**", "**Limits.**", "**When it fails.**");
  private static final Pattern TYPE = Pattern.compile("`dev\\.freshet\\.([a-z]+)\\.([A-Z]\\w+)`");
  private static final Pattern CODE = Pattern.compile("`[^`]*`");
  private static final Pattern PATH = Pattern.compile("`((?:[a-z]+/)+[A-Za-z.-]*)`");

  private static List<Path> everything() {
    List<Path> all = new ArrayList<>();
    for (String room : Stream.concat(Sources.ROOMS.stream(), Sources.ASIDE.stream()).toList()) {
      all.addAll(Sources.java(room, "main"));
      all.addAll(Sources.java(room, "test"));
    }
    return all;
  }

  @Test
  void filesAndLinesFitAHeadAndAScreen() {
    List<String> wrong = new ArrayList<>();
    for (Path file : everything()) {
      List<String> lines = Sources.read(file).lines().toList();
      if (lines.size() > MAX_FILE) {
        wrong.add(file.getFileName() + " has " + lines.size() + " lines");
      }
      boolean isText = false;
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i);
        if (line.length() > MAX_LINE && !isText && !line.strip().startsWith("//")) {
          wrong.add(file.getFileName() + ":" + (i + 1) + " has " + line.length() + " columns");
        }
        int quotes = line.split("\"\"\"", -1).length - 1;
        isText ^= quotes % 2 == 1;
      }
    }
    assertThat(wrong).isEmpty();
  }

  /// Tables and what is quoted stay as they are, and so does what has no place to break at.
  @Test
  void documentsFitAScreen() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (Path file : documents()) {
      boolean isQuoted = false;
      int number = 0;
      for (String line : Sources.read(file).lines().toList()) {
        number++;
        isQuoted ^= line.strip().startsWith("```");
        String words = line.startsWith("    ") ? "" : CODE.matcher(line.strip()).replaceAll("code");
        boolean isBreakable = words.contains(" ") && !words.startsWith("|");
        if (!isQuoted && isBreakable && line.length() > MAX_LINE) {
          wrong.add(file.getFileName() + ":" + number + " has " + line.length() + " columns");
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void methodsFitAScreen() throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<String> wrong = new ArrayList<>();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null,
                  files,
                  d -> {},
                  List.of(),
                  null,
                  files.getJavaFileObjectsFromPaths(everything()));
      SourcePositions at = Trees.instance(task).getSourcePositions();
      for (CompilationUnitTree unit : task.parse()) {
        new TreeScanner<Void, Void>() {
          @Override
          public Void visitMethod(MethodTree method, Void nothing) {
            long first = unit.getLineMap().getLineNumber(at.getStartPosition(unit, method));
            long last = unit.getLineMap().getLineNumber(at.getEndPosition(unit, method));
            boolean isText = method.toString().contains("<!doctype");
            if (last - first + 1 > MAX_METHOD && !isText) {
              wrong.add(
                  Path.of(unit.getSourceFile().toUri()).getFileName()
                      + " "
                      + method.getName()
                      + " has "
                      + (last - first + 1)
                      + " lines");
            }
            return super.visitMethod(method, null);
          }
        }.scan(unit, null);
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void namesSayWhatThingsAre() {
    List<String> wrong = new ArrayList<>();
    for (Path file : everything()) {
      Matcher found = BANNED.matcher(Sources.read(file));
      while (found.find()) {
        wrong.add(file.getFileName() + ": " + found.group(1));
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void nothingIsLeftForLater() {
    List<String> wrong = new ArrayList<>();
    for (Path file : everything()) {
      if (file.endsWith("TidyTest.java")) {
        continue;
      }
      for (String word : List.of("TODO", "FIXME", "XXX")) {
        if (Sources.read(file).contains(word)) {
          wrong.add(file.getFileName() + ": " + word);
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void everyRoomSaysWhatItIsFor() {
    List<String> wrong = new ArrayList<>();
    for (String room : Sources.ROOMS) {
      Path file =
          Sources.root()
              .resolve(room + "/src/main/java/dev/freshet/" + room + "/package-info.java");
      String text = Files.exists(file) ? Sources.read(file).replaceAll("\\s+(///)?\\s*", " ") : "";
      for (String heading : HEADINGS) {
        if (!text.contains(heading)) {
          wrong.add(room + " lacks " + heading);
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void documentsNameOnlyWhatExists() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (Path document : documents()) {
      String text = Sources.read(document);
      Matcher types = TYPE.matcher(text);
      while (types.find()) {
        Path file =
            Sources.root()
                .resolve(types.group(1) + "/src/main/java/dev/freshet/" + types.group(1))
                .resolve(types.group(2) + ".java");
        if (!Files.exists(file)) {
          wrong.add(document.getFileName() + ": " + types.group());
        }
      }
      Matcher paths = PATH.matcher(text);
      while (paths.find()) {
        if (!Files.exists(Sources.root().resolve(paths.group(1)))) {
          wrong.add(document.getFileName() + ": " + paths.group());
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void everyConfigurationKeyIsDocumented() {
    Pattern key =
        Pattern.compile(
            "\\.(?:text|texts|number|flag|size|duration|durationOrNull|section|sections|read)\\(\\s*\"([a-z-]+)\"");
    String documented = Sources.read(Sources.root().resolve("docs/config.md"));
    List<String> wrong = new ArrayList<>();
    for (String reader :
        List.of(
            "SettingsReader",
            "RouteReader",
            "PaginationReader",
            "OriginReader",
            "ChangesReader",
            "LiveReader")) {
      Matcher found =
          key.matcher(
              Sources.read(
                  Sources.root().resolve("app/src/main/java/dev/freshet/app/" + reader + ".java")));
      while (found.find()) {
        if (!documented.contains("`" + found.group(1) + "`")) {
          wrong.add(found.group(1));
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void everyReasonAgainstKeepingAnAnswerIsDocumented() {
    String documented = Sources.read(Sources.root().resolve("docs/statements.md"));
    Matcher reasons =
        Pattern.compile("(?m)^  ([A-Z_]+),?$")
            .matcher(
                Sources.read(
                    Sources.root().resolve("sql/src/main/java/dev/freshet/sql/NotCacheable.java")));
    List<String> wrong = new ArrayList<>();
    int count = 0;
    while (reasons.find()) {
      count++;
      String words = reasons.group(1).toLowerCase(Locale.ROOT).replace('_', ' ');
      if (!documented.contains("`" + words + "`")) {
        wrong.add(words);
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(count).isGreaterThan(20);
  }

  private static List<Path> documents() throws IOException {
    List<Path> all = new ArrayList<>();
    all.add(Sources.root().resolve("README.md"));
    all.add(Sources.root().resolve("CONTRIBUTING.md"));
    all.add(Sources.root().resolve("CHANGELOG.md"));
    try (var docs = Files.list(Sources.root().resolve("docs"))) {
      docs.filter(p -> p.toString().endsWith(".md")).forEach(all::add);
    }
    return all;
  }
}
