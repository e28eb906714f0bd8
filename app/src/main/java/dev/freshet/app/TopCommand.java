package dev.freshet.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.base.Time;
import dev.freshet.base.Trouble;
import java.io.Console;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `freshet top`.
@Command(
    name = "top",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Shows what a running Freshet is doing, the most costly first.",
      "Routes, statements, server connections: figures since its start, rates since the last look.",
      "q or Ctrl-C ends it. Without a terminal it prints one look, as with --once.",
      "",
      "  freshet top",
      "  freshet top --sort calls --limit 5 --once",
      "  freshet top --json --limit 100 > statements.json",
      ""
    })
final class TopCommand implements Callable<Integer> {
  /// The other screen of the terminal, without a cursor.
  private static final String ENTER = "\u001b[?1049h\u001b[?25l";

  private static final String LEAVE = "\u001b[?25h\u001b[?1049l";
  private static final String HOME = "\u001b[H";
  private static final String REST_OF_LINE = "\u001b[K";
  private static final String REST_OF_SCREEN = "\u001b[J";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--sort",
      paramLabel = "BY",
      description =
          "statements by time, calls, mean, rows, bytes, wait, errors, hits or repeats"
              + " (${DEFAULT-VALUE})")
  private String sort = "time";

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "statements and routes to show (as many as fit; 20 without a terminal)")
  private int limit;

  @Option(
      names = "--interval",
      paramLabel = "S",
      description = "seconds between looks (${DEFAULT-VALUE})")
  private int interval = 2;

  @Option(names = "--once", description = "print one look and end")
  private boolean once;

  @Option(names = "--json", description = "print one look as JSON and end")
  private boolean asJson;

  @Option(names = "--admin", paramLabel = "HOST:PORT", description = "(${DEFAULT-VALUE})")
  private String admin = "127.0.0.1:8090";

  @Option(names = "--token", description = "the admin API's token; better: FRESHET_TOKEN")
  private @Nullable String token;

  // Since JDK 25 there is none again where the output is no terminal.
  @SuppressWarnings("SystemConsoleNull")
  @Override
  public Integer call() throws InterruptedException {
    if (limit < 0 || interval < 1) {
      throw new Trouble.Found(
          new Trouble("top", "--limit and --interval are 1 or more", "correct the flag"));
    }
    PrintWriter out = spec.commandLine().getOut();
    try (AdminApi api = AdminApi.at(admin, token)) {
      Console console = System.console();
      boolean isTerminal = console != null && console.isTerminal();
      if (asJson) {
        out.println(json(look(api, limit == 0 ? 20 : limit)));
      } else if (once || !isTerminal) {
        Look look = look(api, limit == 0 ? 20 : limit);
        new TopScreen(160, Integer.MAX_VALUE).lines(look, null).forEach(out::println);
      } else {
        watch(api, out);
      }
    }
    return 0;
  }

  private Look look(AdminApi api, int most) throws InterruptedException {
    return Look.at(api, sort, most, Time.system().nanos());
  }

  private static String json(Look look) {
    try {
      return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(look.data());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("what was JSON can't be written as JSON", e);
    }
  }

  private void watch(AdminApi api, PrintWriter out) throws InterruptedException {
    // Asked before the screen changes, so that a wrong address is said where it stays.
    Look before = look(api, 50);
    CountDownLatch over = new CountDownLatch(1);
    Terminal terminal = Terminal.open();
    Thread restore =
        new Thread(
            () -> {
              over.countDown();
              out.print(LEAVE);
              out.flush();
              terminal.close();
            },
            "freshet-top-restore");
    Runtime.getRuntime().addShutdownHook(restore);
    terminal.onKey(
        System.in,
        key -> {
          if (key == 'q') {
            over.countDown();
          }
        });
    out.print(ENTER);
    Look now = before;
    String trouble = "";
    while (true) {
      draw(out, terminal.size(), now, before.equals(now) ? null : before, trouble);
      if (over.await(interval, TimeUnit.SECONDS)) {
        return;
      }
      try {
        Look next = look(api, limit == 0 ? 50 : limit);
        before = now;
        now = next;
        trouble = "";
      } catch (Trouble.Found e) {
        trouble = e.troubles().getFirst().line() + "; trying again";
      }
    }
  }

  private static void draw(
      PrintWriter out, int[] size, Look now, @Nullable Look before, String trouble) {
    List<String> lines = new TopScreen(size[1], size[0] - 1).lines(now, before);
    StringBuilder frame = new StringBuilder(HOME);
    for (String line : lines) {
      frame.append(line).append(REST_OF_LINE).append("\r\n");
    }
    frame.append(TopScreen.cut(trouble, size[1])).append(REST_OF_LINE).append(REST_OF_SCREEN);
    out.print(frame);
    out.flush();
  }
}
