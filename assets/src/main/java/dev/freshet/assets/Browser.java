package dev.freshet.assets;

import dev.freshet.base.ProcessTree;
import dev.freshet.base.Trouble;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// A Chromium without a window and with a profile of its own; it ends with all its processes.
final class Browser implements AutoCloseable {
  private static final int START_SECONDS = 60;
  private static final String LISTENING = "DevTools listening on ";
  private final Process process;
  private final Path profile;
  private final DevTools tools;
  private final Thread atExit;

  private Browser(Process process, Path profile, DevTools tools, Thread atExit) {
    this.process = process;
    this.profile = profile;
    this.tools = tools;
    this.atExit = atExit;
  }

  static Browser start(Path program) throws IOException, InterruptedException {
    Path profile = Files.createTempDirectory("freshet-audit");
    List<String> command =
        new ArrayList<>(
            List.of(
                program.toString(),
                "--headless=new",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--no-default-browser-check",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-extensions",
                "--hide-scrollbars",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile));
    if (System.getProperty("user.name").equals("root")) {
      // It refuses to run as root otherwise.
      command.add("--no-sandbox");
    }
    command.add("about:blank");
    Process process;
    try {
      process = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException e) {
      remove(profile);
      throw unusable(program, e.toString());
    }
    Process started = process;
    // Whoever ends this program in the middle leaves no browser behind.
    Thread atExit = new Thread(() -> clear(started, profile), "freshet-browser-end");
    Runtime.getRuntime().addShutdownHook(atExit);
    try {
      String address = address(process).get(START_SECONDS, TimeUnit.SECONDS);
      return new Browser(process, profile, DevTools.connect(address), atExit);
    } catch (ExecutionException | TimeoutException e) {
      clear(process, profile);
      forget(atExit);
      throw unusable(program, "it said no address");
    } catch (IOException | InterruptedException e) {
      clear(process, profile);
      forget(atExit);
      throw e;
    }
  }

  private static Trouble.Found unusable(Path program, String why) {
    return new Trouble.Found(
        new Trouble(
            program.toString(),
            "can't be used as a browser (" + why + ")",
            "name a Chromium by --chromium PATH, or leave it out with --no-browser"));
  }

  /// What it says on its error stream, read to its end so that it never waits for a reader.
  private static CompletableFuture<String> address(Process process) {
    CompletableFuture<String> found = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("browser-words")
        .start(() -> {
          try (BufferedReader words = process.errorReader(StandardCharsets.UTF_8)) {
            String line = words.readLine();
            while (line != null) {
              if (line.startsWith(LISTENING)) {
                found.complete(line.substring(LISTENING.length()).strip());
              }
              line = words.readLine();
            }
            found.completeExceptionally(new IOException("it ended"));
          } catch (IOException e) {
            found.completeExceptionally(e);
          }
        });
    return found;
  }

  DevTools tools() {
    return tools;
  }

  private static void remove(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      // What still ends in there may take files away meanwhile, or bring some.
      System.getLogger("freshet.assets")
          .log(System.Logger.Level.INFO, "a browser's profile stays: " + folder, e);
    }
  }

  @Override
  public void close() {
    tools.close();
    clear(process, profile);
    forget(atExit);
  }

  private static void clear(Process process, Path profile) {
    ProcessTree.end(process);
    remove(profile);
  }

  private static void forget(Thread atExit) {
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The program is ending: the thread runs already, and finds nothing to do.
      System.getLogger("freshet.assets").log(System.Logger.Level.DEBUG, "ending", e);
    }
  }
}
