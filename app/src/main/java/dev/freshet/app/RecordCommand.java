package dev.freshet.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.base.ByteSize;
import dev.freshet.base.Trouble;
import dev.freshet.recording.Lines;
import dev.freshet.recording.RecordingOrder;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `freshet record`.
@Command(
    name = "record",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Records what a running Freshet is asked, for `load --from`.",
      "Cookies, tokens, addresses, telephone numbers and whatever else could tell about",
      "somebody are masked before anything is written; docs/record.md has the rules.",
      "Ctrl-C ends it and keeps what was taken; exit code 130 then, 1 when nobody asked for",
      "anything.",
      "",
      "  freshet record --for 10m -o traffic.frec",
      "  freshet record --keep q,category -o traffic.frec",
      "  freshet record --show traffic.frec",
      ""
    })
final class RecordCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "written by Freshet itself, where it runs; must not be there yet")
  private @Nullable Path file;

  @Option(names = "--for", paramLabel = "D", description = "at most so long (${DEFAULT-VALUE})")
  private String lasting = "10m";

  @Option(
      names = "--keep",
      paramLabel = "NAME",
      split = ",",
      description = "parameters and fields whose values may stay, unless they look like a secret")
  private List<String> keep = new ArrayList<>();

  @Option(
      names = "--max-file",
      paramLabel = "SIZE",
      description = "ends when the file is so large (${DEFAULT-VALUE})")
  private String maxFile = "256MB";

  @Option(
      names = "--max-text",
      paramLabel = "SIZE",
      description = "or so much before it is compressed (${DEFAULT-VALUE})")
  private String maxText = "4GB";

  @Option(
      names = "--max-content",
      paramLabel = "SIZE",
      description = "longest content of a request that is recorded (${DEFAULT-VALUE})")
  private String maxContent = "64KB";

  @Option(names = "--show", paramLabel = "FILE", description = "print a recording, line by line")
  private @Nullable Path shown;

  @Option(names = "--admin", paramLabel = "HOST:PORT", description = "(${DEFAULT-VALUE})")
  private String admin = "127.0.0.1:8090";

  @Option(names = "--token", description = "the admin API's token; better: FRESHET_TOKEN")
  private @Nullable String token;

  private final CountDownLatch interrupted = new CountDownLatch(1);

  @Override
  public Integer call() throws InterruptedException {
    if (shown != null) {
      return show(shown);
    }
    if (file == null) {
      throw new Trouble.Found(
          new Trouble("record", "it isn't said where to", "give -o traffic.frec"));
    }
    PrintWriter out = spec.commandLine().getOut();
    Map<String, Object> order = order(file.toAbsolutePath().normalize());
    // Also who presses Ctrl-C while it is being begun ends it: it would go on by itself.
    try (AdminApi api = AdminApi.at(admin, token);
        var _ = new Interruption(interrupted::countDown, Duration.ZERO)) {
      JsonNode status = api.post("/recording", order);
      out.println("Recording into " + status.path("file").asText() + "; Ctrl-C ends it.");
      out.flush();
      return follow(api, status, out);
    }
  }

  private int follow(AdminApi api, JsonNode begun, PrintWriter out) throws InterruptedException {
    JsonNode status = begun;
    while (status.path("isOn").asBoolean()) {
      boolean isEnough = interrupted.await(1, TimeUnit.SECONDS);
      status = isEnough ? api.post("/recording", Map.of("stop", true)) : api.get("/recording");
      out.println(line(status));
      out.flush();
    }
    out.println("Ended: " + status.path("ended").asText() + ".");
    if (status.path("leftOut").asLong() > 0) {
      out.println(
          status.path("leftOut").asText()
              + " sessions are left out: the disk or Freshet was behind, and something got lost");
    }
    if (status.path("contentsLeft").asLong() > 0) {
      out.println(
          status.path("contentsLeft").asText()
              + " contents are left out: too long, or of a kind that can't be masked");
    }
    out.flush();
    return status.path("requests").asLong() > 0 ? 0 : 1;
  }

  private static String line(JsonNode status) {
    return String.format(
        Locale.ROOT,
        "%4.0f s  %,d requests  %,d sessions  %s",
        status.path("seconds").asDouble(),
        status.path("requests").asLong(),
        status.path("sessions").asLong(),
        new ByteSize(status.path("octets").asLong()));
  }

  private Map<String, Object> order(Path path) {
    Duration time = Durations.flag("--for", lasting);
    ByteSize most = Flags.read("--max-file", () -> ByteSize.parse(maxFile));
    ByteSize text = Flags.read("--max-text", () -> ByteSize.parse(maxText));
    ByteSize content = Flags.read("--max-content", () -> ByteSize.parse(maxContent));
    RecordingOrder order =
        Flags.read(
            "-o", () -> new RecordingOrder(path, time, most, text, content, Set.copyOf(keep)));
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("file", order.file().toString());
    out.put("for", lasting);
    out.put("max-file", maxFile);
    out.put("max-text", maxText);
    out.put("max-content", maxContent);
    out.put("keep", order.keep());
    return out;
  }

  private int show(Path path) {
    PrintWriter out = spec.commandLine().getOut();
    try (Lines lines = Lines.open(path)) {
      for (String line = lines.text(); line != null && !out.checkError(); line = lines.text()) {
        out.println(line);
      }
      out.flush();
      if (lines.isBroken()) {
        throw new Trouble.Found(
            new Trouble(
                path.toString(),
                "it breaks off here",
                "sessions that had ended before can be replayed all the same"));
      }
    }
    return 0;
  }
}
