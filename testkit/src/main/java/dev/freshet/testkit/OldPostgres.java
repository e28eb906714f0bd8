package dev.freshet.testkit;

import dev.freshet.base.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Another PostgreSQL that is installed on this machine, on a folder of its own; can be stopped and
/// started again.
@SuppressWarnings("try")
public final class OldPostgres implements AutoCloseable {
  private final Path programs;
  private final Path data;
  private final int port;

  private OldPostgres(Path programs, Path data, int port) {
    this.programs = programs;
    this.data = data;
    this.port = port;
  }

  /// The folder of programs of the oldest version that is installed where Debian puts them.
  public static Optional<Path> programs() throws IOException {
    Path home = Path.of("/usr/lib/postgresql");
    if (!Files.isDirectory(home)) {
      return Optional.empty();
    }
    try (Stream<Path> versions = Files.list(home)) {
      return versions
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
          .min(Comparator.naturalOrder());
    }
  }

  public static OldPostgres start(Path programs, Path folder)
      throws IOException, InterruptedException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    OldPostgres server = new OldPostgres(programs, folder.resolve("data"), port);
    server.run("initdb", "-A", "trust", "-U", "postgres", "-N", "-E", "UTF8");
    server.control("start");
    return server;
  }

  public void restart() throws IOException, InterruptedException {
    control("restart");
  }

  private void control(String order) throws IOException, InterruptedException {
    String options =
        "-p "
            + port
            + " -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c wal_level=logical"
            + " -c fsync=off -c synchronous_commit=on";
    run("pg_ctl", order, "-w", "-m", "fast", "-o", options, "-l", data + ".log");
  }

  private void run(String program, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      // PostgreSQL refuses to run as root; in a namespace of its own it is nobody.
      command.addAll(List.of("unshare", "-U"));
    }
    command.add(programs.resolve(program).toString());
    command.addAll(List.of("-D", data.toString()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Path.of(data + ".out").toFile())
            .start();
    if (process.waitFor() != 0) {
      throw new IOException(program + ": " + Files.readString(Path.of(data + ".out")));
    }
  }

  public HostPort address() {
    return new HostPort("127.0.0.1", port);
  }

  @Override
  public void close() throws IOException {
    try {
      run("pg_ctl", "stop", "-m", "immediate");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
