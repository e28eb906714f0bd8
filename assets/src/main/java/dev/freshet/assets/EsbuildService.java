package dev.freshet.assets;

import dev.freshet.base.Trouble;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/* To start esbuild takes longer than to minify most of what it is given. So it is kept running for
 * as long as there is work, and asked as its own JavaScript library asks it (`--service`, one
 * message each way over its standard input and output; lib/shared/stdio_protocol.ts). That is its
 * own affair from version to version: it refuses who names another version than its own, and says
 * its own in the first message. Where anything is not as expected it is run once for each source,
 * as its documentation has it.
 */

/// An esbuild that stays for as long as there is work, or stands by also where there is none: one
/// transformation at a time.
final class EsbuildService implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("freshet.assets");
  private static final Executor PIPES =
      task -> Thread.ofVirtual().name("esbuild-service").start(task);
  private static final long IDLE_SECONDS = 60;
  private static final Duration START_LIMIT = Duration.ofSeconds(10);
  private static final int MAX_MESSAGE = 64 << 20;
  private static final String QUIET = "--log-level=error";

  /// Of each program, which is asked once.
  private static final Map<Path, String> VERSIONS = new ConcurrentHashMap<>();

  private final Supplier<Esbuild> esbuild;
  private @Nullable Process process;
  private @Nullable Path running;
  private @Nullable Path refused;
  private volatile boolean isStandingBy;
  private boolean isUsed;
  private boolean isClosed;
  private boolean isTimed;
  private long uses;
  private int messages;

  /// @param esbuild asked for each time; throws [Trouble.Found] where there is none
  EsbuildService(Supplier<Esbuild> esbuild) {
    this.esbuild = esbuild;
  }

  /// As [Esbuild#run], in the folder for temporary files.
  synchronized Esbuild.Ran run(List<String> arguments, byte[] input, Duration limit)
      throws InterruptedException {
    Esbuild program = esbuild.get();
    uses++;
    if (!isClosed && !program.program().equals(refused)) {
      try {
        Process service = started(program, limit);
        isUsed = true;
        restLater();
        return within(limit, program, () -> transformed(service, arguments, input));
      } catch (IOException e) {
        LOG.log(System.Logger.Level.DEBUG, "esbuild is run once for each source", e);
        end();
        refused = program.program();
      }
    }
    return program.run(arguments, folder(), input, limit);
  }

  /// From now on one waits for what comes, so that nobody waits for its start.
  void standBy() {
    if (!isStandingBy) {
      isStandingBy = true;
      PIPES.execute(this::begin);
    }
  }

  private synchronized void begin() {
    Process before = process;
    if (isClosed || (before != null && before.isAlive())) {
      return;
    }
    try {
      Esbuild program = esbuild.get();
      if (!program.program().equals(refused)) {
        var _ = started(program, START_LIMIT);
      }
    } catch (IOException | Trouble.Found e) {
      // Who gives it something is told.
      LOG.log(System.Logger.Level.DEBUG, "no esbuild stands by", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Path folder() {
    return Path.of(System.getProperty("java.io.tmpdir"));
  }

  private Process started(Esbuild program, Duration limit)
      throws IOException, InterruptedException {
    Process before = process;
    if (before != null && before.isAlive() && program.program().equals(running)) {
      return before;
    }
    end();
    String version = version(program, limit);
    Process made = program.begin(List.of("--service=" + version));
    process = made;
    isUsed = false;
    running = program.program();
    String said =
        within(limit, program, () -> new String(message(made), StandardCharsets.UTF_8).strip());
    if (!said.equals(version)) {
      throw new IOException("a service of version " + said);
    }
    return made;
  }

  private static String version(Esbuild program, Duration limit) throws InterruptedException {
    String known = VERSIONS.get(program.program());
    if (known != null) {
      return known;
    }
    Esbuild.Ran ran = program.run(List.of("--version"), folder(), new byte[0], limit);
    String version = new String(ran.out(), StandardCharsets.UTF_8).strip();
    VERSIONS.put(program.program(), version);
    return version;
  }

  private interface Talk<T> {
    T get() throws IOException;
  }

  private <T> T within(Duration limit, Esbuild program, Talk<T> talk)
      throws IOException, InterruptedException {
    CompletableFuture<T> answer =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return talk.get();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            PIPES);
    try {
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      end();
      throw new Esbuild.TookTooLong(program.program(), limit);
    } catch (InterruptedException e) {
      end();
      throw e;
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
  }

  private Esbuild.Ran transformed(Process service, List<String> flags, byte[] input)
      throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream(input.length + 1_000);
    int id = messages++ << 1;
    number(body, id);
    body.write(6);
    number(body, 4);
    text(body, "command");
    string(body, "transform");
    text(body, "flags");
    body.write(5);
    number(body, flags.size());
    for (String flag : flags) {
      string(body, flag);
    }
    text(body, "inputFS");
    body.write(1);
    body.write(0);
    text(body, "input");
    body.write(4);
    octets(body, input);
    ByteArrayOutputStream out = new ByteArrayOutputStream(body.size() + 4);
    octets(out, body.toByteArray());
    service.getOutputStream().write(out.toByteArray());
    service.getOutputStream().flush();
    ByteBuffer answer = ByteBuffer.wrap(message(service)).order(ByteOrder.LITTLE_ENDIAN);
    if (answer.getInt() != (id | 1) || !(value(answer) instanceof Map<?, ?> said)) {
      throw new IOException("not the answer to what was asked");
    }
    List<String> complaints = complaints(said.get("errors"));
    boolean isGood = complaints.isEmpty();
    if (isGood && !flags.contains(QUIET)) {
      complaints.addAll(complaints(said.get("warnings")));
    }
    if (!(said.get("code") instanceof byte[] code)) {
      // Where it has no answer it gives the reason for that alone.
      return new Esbuild.Ran(1, new byte[0], String.valueOf(said.keySet()));
    }
    return new Esbuild.Ran(isGood ? 0 : 1, code, String.join("\n", complaints));
  }

  private static List<String> complaints(@Nullable Object said) {
    List<String> out = new ArrayList<>();
    if (said instanceof List<?> all) {
      for (Object each : all) {
        out.add(
            each instanceof Map<?, ?> one && one.get("text") instanceof byte[] text
                ? new String(text, StandardCharsets.UTF_8)
                : "a complaint");
      }
    }
    return out;
  }

  private static byte[] message(Process service) throws IOException {
    DataInputStream in = new DataInputStream(service.getInputStream());
    int length = Integer.reverseBytes(in.readInt());
    if (length < 0 || length > MAX_MESSAGE) {
      throw new IOException("a message of " + length + " octets");
    }
    byte[] out = in.readNBytes(length);
    if (out.length < length) {
      throw new EOFException("a message that breaks off");
    }
    return out;
  }

  private static void number(ByteArrayOutputStream out, int number) {
    for (int shift = 0; shift < 32; shift += 8) {
      out.write(number >>> shift);
    }
  }

  private static void octets(ByteArrayOutputStream out, byte[] octets) {
    number(out, octets.length);
    out.writeBytes(octets);
  }

  private static void text(ByteArrayOutputStream out, String text) {
    octets(out, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void string(ByteArrayOutputStream out, String text) {
    out.write(3);
    text(out, text);
  }

  /// Texts come as their octets.
  private static @Nullable Object value(ByteBuffer in) throws IOException {
    return switch (in.get()) {
      case 0 -> null;
      case 1 -> in.get() != 0;
      case 2 -> in.getInt();
      case 3, 4 -> octets(in);
      case 5 -> {
        List<@Nullable Object> out = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
          out.add(value(in));
        }
        yield out;
      }
      case 6 -> {
        Map<String, @Nullable Object> out = new HashMap<>();
        for (int left = in.getInt(); left > 0; left--) {
          out.put(new String(octets(in), StandardCharsets.UTF_8), value(in));
        }
        yield out;
      }
      default -> throw new IOException("a value of no known kind");
    };
  }

  private static byte[] octets(ByteBuffer in) throws IOException {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new IOException("a value that breaks off");
    }
    byte[] out = new byte[length];
    in.get(out);
    return out;
  }

  /// Once it was not used for a while.
  private void restLater() {
    if (!isTimed) {
      isTimed = true;
      long before = uses;
      CompletableFuture.delayedExecutor(IDLE_SECONDS, TimeUnit.SECONDS, PIPES)
          .execute(() -> restIfIdle(before));
    }
  }

  private synchronized void restIfIdle(long before) {
    isTimed = false;
    if (uses == before) {
      rest();
    } else {
      restLater();
    }
  }

  /// Gives back what the work took. What stands by is another one, since one that has worked may
  /// keep as much as the largest source took.
  synchronized void rest() {
    if (isUsed) {
      end();
    }
    if (isStandingBy) {
      begin();
    }
  }

  private synchronized void end() {
    Process before = process;
    process = null;
    if (before != null) {
      Esbuild.end(before);
    }
  }

  @Override
  public synchronized void close() {
    isClosed = true;
    end();
  }
}
