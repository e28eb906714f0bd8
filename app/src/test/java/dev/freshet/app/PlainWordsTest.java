package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The words of `freshet run` mean the same however they are read.
final class PlainWordsTest {
  /// Of `run`, as picocli knows it.
  private static final CommandSpec RUN = spec(new RunCommand());

  private static CommandSpec spec(Object command) {
    return new CommandLine(command).getCommandSpec();
  }

  private static @Nullable Serving read(List<String> words) {
    return PlainWords.read(new PrintWriter(Writer.nullWriter()), words.toArray(new String[0]));
  }

  /// What each flag is set to, by its longest name.
  private static Map<String, String> values(CommandSpec spec) {
    Map<String, String> out = new TreeMap<>();
    for (OptionSpec option : spec.options()) {
      if (option.arity().max() > 0) {
        out.put(option.longestName(), String.valueOf(option.<Object>getValue()));
      }
    }
    return out;
  }

  private static Map<String, String> values(Serving plain) {
    Map<String, String> out = values(spec(plain.flags()));
    out.put("--drain", plain.drain());
    return out;
  }

  /// Else a new flag would make starts long without anybody seeing it.
  @Test
  void knowsEachFlagByEachOfItsNames() {
    int seen = 0;
    for (OptionSpec option : RUN.options()) {
      if (option.usageHelp() || option.versionHelp()) {
        continue;
      }
      for (String name : option.names()) {
        Serving plain = Objects.requireNonNull(read(List.of("run", name, "7s")), name);
        assertThat(values(plain)).containsEntry(option.longestName(), expected(option));
        seen++;
      }
    }
    assertThat(seen).isGreaterThan(12);
  }

  private static String expected(OptionSpec option) {
    return option.isMultiValue() ? "[7s]" : "7s";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "run --help",
        "run -h",
        "run --version",
        "run --colour red",
        "run --origin",
        "run red",
        "run --listen a --listen b",
        "run -l a --listen b",
        "run --listen --admin",
        "run -la",
        "run --origin @words",
        "run @words",
        "run --drain=",
        "run -- --origin a",
        "check -o a"
      })
  void leavesToPicocliWhatIsNotPlain(String words) {
    assertThat(read(List.of(words.split(" ", -1)))).isNull();
  }

  /// Whatever is read here, picocli reads too, and the same way.
  @Test
  void readsAsPicocliDoes() {
    SplittableRandom chance = new SplittableRandom(11);
    List<String> names =
        new ArrayList<>(List.of("--colour", "--", "-x", "-la", "word", "", "--lis", "@none"));
    RUN.options().forEach(option -> names.addAll(List.of(option.names())));
    List<String> values =
        List.of(
            "a",
            "http://127.0.0.1:1",
            "a=b",
            "\"q\"",
            "'",
            "$HOME",
            "${sys:user.home}",
            " ",
            "a b",
            "-1",
            "-o",
            "--",
            "@none",
            "\\",
            "a\"b",
            "a'",
            "#",
            "é",
            "%s",
            "a,b",
            "=");
    int plainly = 0;
    for (int i = 0; i < 1_000; i++) {
      List<String> words = new ArrayList<>(List.of("run"));
      for (int n = chance.nextInt(4); n > 0; n--) {
        String name = names.get(chance.nextInt(names.size()));
        String value = values.get(chance.nextInt(values.size()));
        if (chance.nextInt(4) == 0) {
          words.add(name + "=" + value);
        } else {
          words.add(name);
          words.add(value);
        }
      }
      Serving plain = read(words);
      if (plain != null) {
        plainly++;
        CommandLine line = new CommandLine(new RunCommand());
        line.parseArgs(words.subList(1, words.size()).toArray(new String[0]));
        assertThat(values(plain)).as("%s", words).isEqualTo(values(line.getCommandSpec()));
      }
    }
    assertThat(plainly).isGreaterThan(100);
  }
}
