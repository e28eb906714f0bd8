import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// An app as they are: so many workers with a queue before them that has no end, each answer 20 ms
/// of work, more for each request beside it (what they hold and what they wait for is shared). Who
/// has given up meanwhile is worked for all the same.
///
/// java App.java PORT WORKERS
final class App {
  private static final long WORK_NANOS = 20_000_000;
  private static final double EACH_OTHER = 0.004;
  private static final byte[] ANSWER =
      "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: 2\r\n\r\nok".getBytes();
  private static final PriorityQueue<Long> FREE = new PriorityQueue<>();
  private static final AtomicInteger HERE = new AtomicInteger();

  public static void main(String[] arguments) throws Exception {
    int workers = Integer.parseInt(arguments[1]);
    for (int i = 0; i < workers; i++) {
      FREE.add(System.nanoTime());
    }
    try (ServerSocket server =
        new ServerSocket(
            Integer.parseInt(arguments[0]), 4_096, InetAddress.getLoopbackAddress())) {
      while (true) {
        Socket client = server.accept();
        client.setTcpNoDelay(true);
        Thread.ofVirtual().start(() -> serve(client, workers));
      }
    }
  }

  private static void serve(Socket client, int workers) {
    try (client) {
      InputStream in = client.getInputStream();
      int seen = 0;
      for (int octet = in.read(); octet >= 0; octet = in.read()) {
        seen = octet == '\r' || octet == '\n' ? seen + 1 : 0;
        if (seen == 4) {
          seen = 0;
          work(workers);
          client.getOutputStream().write(ANSWER);
        }
      }
    } catch (java.io.IOException e) {
      // It has gone: that is its right.
    }
  }

  private static void work(int workers) {
    int others = Math.max(0, HERE.incrementAndGet() - workers);
    long ends;
    synchronized (FREE) {
      long took = (long) (WORK_NANOS * (1 + EACH_OTHER * others));
      ends = Math.max(FREE.remove(), System.nanoTime()) + took;
      FREE.add(ends);
    }
    for (long left = ends - System.nanoTime(); left > 0; left = ends - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
    HERE.decrementAndGet();
  }
}
