package dev.freshet.testkit;

import dev.freshet.base.ProcessTree;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A real browser without a window that shows one page; it ends with all its processes.
public final class Chromium implements AutoCloseable {
  private static final String LOG = "chromium.log";
  private final Process browser;
  private final Path log;

  private Chromium(Process browser, Path log) {
    this.browser = browser;
    this.log = log;
  }

  /// The first on PATH.
  public static Optional<Path> program() {
    String path = System.getenv("PATH");
    return Stream.of((path == null ? "" : path).split(File.pathSeparator))
        .flatMap(folder ->
            Stream.of("chromium", "chromium-browser", "google-chrome")
                .map(name -> Path.of(folder, name)))
        .filter(file -> file.toFile().canExecute())
        .findFirst();
  }

  /// @param profile a folder of its own, where its log is too
  public static Chromium open(Path program, Path profile, String url) throws IOException {
    return open(program, profile, url, List.of());
  }

  /// One that takes that certificate for good, and no other that is not signed by an authority.
  public static Chromium trusting(SelfSigned self, Path program, Path profile, String url)
      throws IOException {
    String key = Base64.getEncoder().encodeToString(self.keyDigest());
    return open(program, profile, url, List.of("--ignore-certificate-errors-spki-list=" + key));
  }

  /// One whose page [ShownPage] can look at.
  public static Chromium inspected(Path program, Path profile, String url) throws IOException {
    return open(program, profile, url, List.of("--remote-debugging-port=0"));
  }

  private static Chromium open(Path program, Path profile, String url, List<String> more)
      throws IOException {
    Path log = profile.resolve(LOG);
    List<String> command = command(program, profile);
    command.addAll(more);
    command.add(url);
    Process browser =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    return new Chromium(browser, log);
  }

  private static List<String> command(Path program, Path profile) {
    return new ArrayList<>(
        List.of(
            program.toString(),
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--enable-logging=stderr",
            "--user-data-dir=" + profile));
  }

  /// What a page has become after its scripts had so many of its own milliseconds, waiting for the
  /// network left out, as HTML; what it said in its console is in `chromium.log` in that folder.
  public static String dom(Path program, Path profile, String url, long millis)
      throws IOException, InterruptedException {
    Path out = profile.resolve("dom.html");
    List<String> command = command(program, profile);
    command.addAll(List.of("--dump-dom", "--virtual-time-budget=" + millis, url));
    Process browser =
        new ProcessBuilder(command)
            .redirectError(profile.resolve(LOG).toFile())
            .redirectOutput(out.toFile())
            .start();
    try (Chromium all = new Chromium(browser, profile.resolve(LOG))) {
      if (!all.endsWithin(60_000)) {
        throw new IOException("the browser did not end: " + String.join("\n", all.log()));
      }
    }
    return Files.readString(out);
  }

  /// Whether it ends by itself meanwhile.
  public boolean endsWithin(long millis) throws InterruptedException {
    return browser.waitFor(millis, TimeUnit.MILLISECONDS);
  }

  /// Lines that it has written so far; those with `CONSOLE` are what pages said in theirs.
  public List<String> log() throws IOException {
    return new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
  }

  @Override
  public void close() {
    ProcessTree.end(browser);
  }
}
