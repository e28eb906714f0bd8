package dev.freshet.assets;

import dev.freshet.base.Trouble;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// The program esbuild: one that is given, or the one that comes with Freshet, which is unpacked
/// once for each of its versions. Any thread may run it, also several at a time.
public final class Esbuild {
  /// More than that is not what a bundler prints.
  private static final int MAX_OUTPUT = 64 << 20;

  private static final Executor PIPES = task -> Thread.ofVirtual().name("esbuild-pipe").start(task);

  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    // Whoever ends this program in the middle leaves none behind.
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> List.copyOf(RUNNING).forEach(Esbuild::end), "freshet-esbuild-end"));
  }

  private final Path program;

  private Esbuild(Path program) {
    this.program = program;
  }

  /// What one run gave: its exit code and what it printed.
  @SuppressWarnings("ArrayRecordComponent")
  public record Ran(int code, byte[] out, String err) {
    public boolean isGood() {
      return code == 0;
    }
  }

  /// It was given too much for its time; others may fare better.
  static final class TookTooLong extends Trouble.Found {
    private static final long serialVersionUID = 1L;

    TookTooLong(Path program, Duration limit) {
      super(
          new Trouble(
              program.toString(),
              "took longer than " + limit.toSeconds() + " s and was ended",
              "give it less at once, or see what keeps this machine busy"));
    }
  }

  /// @param given a program to use instead of the one that comes along
  /// @param cache a folder of this user's where programs are unpacked, made when it isn't there
  /// @throws Trouble.Found when there is none for this machine, or it can't be unpacked
  public static Esbuild find(@Nullable Path given, Path cache) {
    return find(
        given, cache, platform(System.getProperty("os.name"), System.getProperty("os.arch")));
  }

  static Esbuild find(@Nullable Path given, Path cache, String platform) {
    if (given != null) {
      if (!Files.isRegularFile(given) || !Files.isExecutable(given)) {
        throw new Trouble.Found(
            new Trouble(
                given.toString(),
                "is not a program that can be run",
                "name the file of an esbuild, for example node_modules/.bin/esbuild"));
      }
      return new Esbuild(given.toAbsolutePath());
    }
    try {
      return new Esbuild(unpacked(platform, cache));
    } catch (IOException e) {
      throw new Trouble.Found(
          new Trouble(
              cache.toString(),
              "esbuild can't be unpacked here (" + e + ")",
              "make room or set XDG_CACHE_HOME to a folder that can be written"));
    }
  }

  /// As npm names it.
  static String platform(String system, String processor) {
    String os = system.toLowerCase(Locale.ROOT);
    String arch = processor.toLowerCase(Locale.ROOT);
    String kind = os.contains("win") && !os.contains("darwin") ? "win32" : os;
    if (os.contains("mac") || os.contains("darwin")) {
      kind = "darwin";
    }
    return switch (arch) {
      case "amd64", "x86_64" -> kind + "-x64";
      case "aarch64" -> kind + "-arm64";
      default -> kind + "-" + arch;
    };
  }

  private static Path unpacked(String platform, Path cache) throws IOException {
    String version = version(platform);
    String name = platform.startsWith("win32") ? "esbuild.exe" : "bin/esbuild";
    String resource = "META-INF/resources/_static/%s/%s/%s".formatted(platform, version, name);
    byte[] octets;
    try (InputStream in = Esbuild.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        throw noneFor(platform);
      }
      octets = in.readAllBytes();
    }
    String file = Path.of(name).getFileName().toString();
    return Unpacked.file(cache, "esbuild-" + version, file, octets);
  }

  private static String version(String platform) throws IOException {
    String resource = "META-INF/maven/org.mvnpm.at.esbuild/" + platform + "/pom.properties";
    try (InputStream in = Esbuild.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        throw noneFor(platform);
      }
      Properties about = new Properties();
      about.load(in);
      return about.getProperty("version", "");
    }
  }

  private static Trouble.Found noneFor(String platform) {
    return new Trouble.Found(
        new Trouble(
            "esbuild",
            "none comes along for " + platform,
            "install one (npm install esbuild) and name it by --esbuild PATH or in ESBUILD"));
  }

  /// Where the program is.
  public Path program() {
    return program;
  }

  /// Runs it to its end, or ends it.
  ///
  /// @param folder where it runs: its paths are relative to this one
  /// @param input for its standard input
  /// @throws Trouble.Found when it takes longer than `limit`, prints too much or can't be started
  public Ran run(List<String> arguments, Path folder, byte[] input, Duration limit)
      throws InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(program.toString());
    builder.command().addAll(arguments);
    builder.directory(folder.toFile());
    Process process = begin(builder);
    try {
      var out = read(process.getInputStream());
      var err = read(process.getErrorStream());
      var in = write(new ByteArrayInputStream(input), process.getOutputStream());
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new TookTooLong(program, limit);
      }
      // A process that it left behind may hold its pipes open.
      CompletableFuture.allOf(in, out, err).get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return new Ran(
          process.exitValue(), out.join(), new String(err.join(), StandardCharsets.UTF_8));
    } catch (TimeoutException e) {
      throw new TookTooLong(program, limit);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Trouble.Found found) {
        throw found;
      }
      throw new Trouble.Found(
          new Trouble(
              program.toString(),
              "can't be heard (" + e.getCause() + ")",
              "see what keeps this machine from running it"));
    } finally {
      end(process);
    }
  }

  /// Starts it for more than one deed; ended by [#end], at the latest with this program.
  Process begin(List<String> arguments) {
    ProcessBuilder builder = new ProcessBuilder(program.toString());
    builder.command().addAll(arguments);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    return begin(builder);
  }

  private Process begin(ProcessBuilder builder) {
    try {
      Process process = builder.start();
      RUNNING.add(process);
      return process;
    } catch (IOException e) {
      throw new Trouble.Found(
          new Trouble(
              program.toString(),
              "can't be started (" + e.getMessage() + ")",
              "name an esbuild for this machine by --esbuild PATH or in ESBUILD"));
    }
  }

  /// With what it started itself: the one that npm installs starts another.
  static void end(Process process) {
    RUNNING.remove(process);
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static CompletableFuture<byte[]> read(InputStream from) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (from) {
            byte[] octets = from.readNBytes(MAX_OUTPUT);
            if (from.read() >= 0) {
              throw new Trouble.Found(
                  new Trouble("esbuild", "printed more than 64 MB", "give it less at once"));
            }
            return octets;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        PIPES);
  }

  private static CompletableFuture<Void> write(InputStream from, OutputStream to) {
    return CompletableFuture.runAsync(
        () -> {
          try (to) {
            from.transferTo(to);
          } catch (IOException e) {
            // It ended without reading all: its exit code and its words say why.
            System.getLogger("freshet.assets")
                .log(System.Logger.Level.DEBUG, "esbuild left some of its input", e);
          }
        },
        PIPES);
  }
}
