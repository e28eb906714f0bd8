package dev.freshet.app;

import dev.freshet.base.Trouble;
import dev.freshet.load.Replay;
import dev.freshet.load.ReplayOrder;
import dev.freshet.load.Rows;
import dev.freshet.recording.Recording;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Flags that say which recorded traffic is made again, and how.
final class ReplayFlags {
  @Option(
      names = "--from",
      paramLabel = "FILE",
      description = "make traffic again that freshet record has recorded")
  private @Nullable Path from;

  @Option(names = "--speed", paramLabel = "K", description = "so many times as fast (1)")
  private @Nullable Double speed;

  @Option(names = "--repeat", paramLabel = "N", description = "so many times in a row (1)")
  private @Nullable Integer times;

  @Option(names = "--with-writes", description = "also what changes something (POST, PUT ...)")
  private boolean withWrites;

  @Option(names = "--recorded-host", description = "with the Host that was recorded")
  private boolean recordedHost;

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "value of recorded parameters and fields of that name; may be repeated")
  private Map<String, String> values = new LinkedHashMap<>();

  @Option(
      names = "--login",
      paramLabel = "FILE",
      description = "the same from a CSV file, a row for each session in turn")
  private @Nullable Path logins;

  /// Null where nothing recorded is asked for.
  @Nullable Replay replay() {
    Path file = file();
    return file == null ? null : new Replay(Recording.open(file), order());
  }

  private @Nullable Path file() {
    boolean isSaid = speed != null || times != null || withWrites || recordedHost;
    if (from == null && (isSaid || !values.isEmpty() || logins != null)) {
      throw new Trouble.Found(
          new Trouble(
              "--speed and its like",
              "they are about recorded traffic, and none is named",
              "add --from traffic.frec"));
    }
    return from;
  }

  private ReplayOrder order() {
    Rows rows = logins == null ? null : rows(logins);
    return Flags.read(
        "--speed and --repeat",
        () ->
            new ReplayOrder(
                speed == null ? 1 : speed,
                times == null ? 1 : times,
                withWrites,
                recordedHost,
                values,
                rows));
  }

  private static Rows rows(Path path) {
    String text;
    try {
      text = Files.readString(path);
    } catch (IOException e) {
      throw new Trouble.Found(
          new Trouble("--login " + path, "it can't be read (" + e + ")", "name a CSV file"));
    }
    return Flags.read("--login " + path, () -> Rows.parse(text, false));
  }
}
