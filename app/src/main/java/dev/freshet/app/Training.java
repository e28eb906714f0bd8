package dev.freshet.app;

import dev.freshet.base.HostPort;
import dev.freshet.base.Time;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/* What the AOT cache learns from, beside classes: which way each branch goes (JEP 515).
 *
 * The compiler leaves out what it never saw happen, and a program that comes there after all falls
 * back to the interpreter and compiles its busiest methods again. Seldom is not never: each second
 * an answer's Age changes and it is made anew, clients close, loops find nothing to do. So this
 * asks for a few seconds what is asked most, with those turns among it: then they are known from
 * the first second on.
 */

/// Asks a server for some seconds as many clients would.
final class Training {
  private static final int CLIENTS = 6;

  /// After so many requests a client closes and comes again.
  private static final int PER_CONNECTION = 300;

  private final HostPort server;
  private final Time time;
  private final long end;

  Training(HostPort server, Time time, Duration length) {
    this.server = server;
    this.time = time;
    this.end = time.nanos() + length.toNanos();
  }

  void run() throws IOException, InterruptedException {
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        String path = i == 0 ? "/live" : i == 1 ? "/large" : "/" + i;
        all.add(
            clients.submit(() -> {
              plain(path);
              return null;
            }));
      }
      variously();
      for (Future<?> one : all) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("a client of the training failed", e);
    }
  }

  private boolean goesOn() {
    return time.nanos() - end < 0;
  }

  /// The same again and again, on one connection after another.
  private void plain(String path) throws IOException {
    byte[] request =
        ("GET " + path + " HTTP/1.1\r\nHost: " + server + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] in = new byte[65_536];
    while (goesOn()) {
      try (Socket socket = new Socket(server.host(), server.port())) {
        socket.setTcpNoDelay(true);
        for (int i = 0; i < PER_CONNECTION && goesOn(); i++) {
          socket.getOutputStream().write(request);
          answer(socket.getInputStream(), in);
        }
      }
    }
  }

  /// Takes one answer with a `Content-Length`.
  private static void answer(InputStream from, byte[] in) throws IOException {
    int have = 0;
    int end = -1;
    while (end < 0) {
      int n = from.read(in, have, in.length - have);
      if (n < 0) {
        throw new IOException("closed within a head");
      }
      have += n;
      end = new String(in, 0, have, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n");
    }
    long left = length(new String(in, 0, end + 2, StandardCharsets.ISO_8859_1)) - (have - end - 4);
    while (left > 0) {
      int n = from.read(in);
      if (n < 0) {
        throw new IOException("closed within content");
      }
      left -= n;
    }
  }

  private static long length(String head) throws IOException {
    String name = "\r\nContent-Length: ";
    int at = head.indexOf(name);
    if (at < 0) {
      throw new IOException("no length in " + head);
    }
    return Long.parseLong(head.substring(at + name.length(), head.indexOf('\r', at + 2)));
  }

  /// Codings, conditions, ranges, methods, new URLs.
  private void variously() throws IOException, InterruptedException {
    List<String> codings = List.of("gzip", "br", "zstd", "identity");
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      for (int i = 0; goesOn(); i++) {
        HttpRequest.Builder request =
            HttpRequest.newBuilder(URI.create("http://" + server + "/" + i % 40))
                .header("Accept-Encoding", codings.get(i % codings.size()));
        switch (i % 16) {
          case 3 -> request.header("If-None-Match", "\"warm\"");
          case 5 -> request.header("Range", "bytes=10-99");
          case 7 -> request.HEAD();
          case 9 -> request.uri(URI.create("http://" + server + "/new?" + i));
          case 11 -> request.POST(BodyPublishers.ofString("warm"));
          case 13 -> request.header("Cookie", "session=" + i);
          case 15 -> request.header("Cache-Control", "no-cache");
          default -> {}
        }
        client.send(request.build(), BodyHandlers.discarding());
      }
    }
  }
}
