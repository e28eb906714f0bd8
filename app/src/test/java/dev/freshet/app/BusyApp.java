package dev.freshet.app;

import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// An app in a process of its own of which each answer takes a processor some milliseconds, on as
/// many threads as there are requests.
final class BusyApp implements AutoCloseable {
  /// Of a processor, for each answer.
  static final long MILLIS = 10;

  private final Process process;
  private final long pid;
  private final InetSocketAddress address;

  private BusyApp(Process process, long pid, InetSocketAddress address) {
    this.process = process;
    this.pid = pid;
    this.address = address;
  }

  /// By a shell, as a process of another program counts with that.
  static BusyApp start() throws IOException {
    Process process =
        new ProcessBuilder(
                "sh",
                "-c",
                "exec 3<&0; \"$@\" <&3 & wait",
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                BusyApp.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader says = process.inputReader(StandardCharsets.UTF_8);
    long pid = Long.parseLong(String.valueOf(says.readLine()));
    int port = Integer.parseInt(String.valueOf(says.readLine()));
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    return new BusyApp(process, pid, address);
  }

  InetSocketAddress address() {
    return address;
  }

  String url() {
    return "http://127.0.0.1:" + address.getPort() + "/";
  }

  long pid() {
    return pid;
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
  }

  /// The app itself: prints its number and its port, and ends with whoever holds its input.
  public static void main(String[] arguments) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    ExecutorService threads = Executors.newCachedThreadPool();
    server.setExecutor(threads);
    ThreadMXBean clock = ManagementFactory.getThreadMXBean();
    server.createContext(
        "/",
        exchange -> {
          long end = clock.getCurrentThreadCpuTime() + TimeUnit.MILLISECONDS.toNanos(MILLIS);
          while (clock.getCurrentThreadCpuTime() < end) {
            Thread.onSpinWait();
          }
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
    System.out.println(ProcessHandle.current().pid());
    System.out.println(server.getAddress().getPort());
    int octet = System.in.read();
    while (octet >= 0) {
      octet = System.in.read();
    }
    System.exit(0);
  }
}
