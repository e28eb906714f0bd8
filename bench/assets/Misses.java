import com.sun.net.httpserver.HttpServer;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import javax.imageio.ImageIO;

/// How long somebody waits for a picture that nobody has asked for before, straight from its origin and through Freshet, which makes all those
/// before it smaller meanwhile: misses.sh starts it with the file in which to say where the origin is, and where Freshet says that it is.
class Misses {
  private static final int PICTURES = 500;
  private static final long EVERY_NANOS = 20_000_000;
  private static final double BAR_MS = 5;

  void main(String[] files) throws Exception {
    List<byte[]> pictures = new ArrayList<>();
    SplittableRandom chance = new SplittableRandom(5);
    for (int i = 0; i < PICTURES; i++) {
      pictures.add(picture(chance));
    }
    HttpServer origin = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    origin.setExecutor(Executors.newFixedThreadPool(4));
    origin.createContext("/", exchange -> {
      byte[] content = pictures.get(Integer.parseInt(exchange.getRequestURI().getPath().replaceAll("\\D", "")));
      exchange.getResponseHeaders().set("Content-Type", "image/jpeg");
      exchange.getResponseHeaders().set("Cache-Control", "max-age=600");
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content);
      exchange.close();
    });
    origin.start();
    String bare = "http://127.0.0.1:" + origin.getAddress().getPort();
    Path told = Path.of(files[0]);
    Files.writeString(told.resolveSibling("origin.part"), bare);
    Files.move(told.resolveSibling("origin.part"), told);
    while (!Files.exists(Path.of(files[1]))) {
      LockSupport.parkNanos(100_000_000);
    }
    String through = Files.readString(Path.of(files[1])).strip();
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    double[] direct = new double[PICTURES];
    double[] missed = new double[PICTURES];
    for (int i = 0; i < 100; i++) {
      time(client, bare + "/" + i + ".jpg");
      time(client, through + "/" + i + ".jpg?warm");
    }
    long due = System.nanoTime();
    for (int i = 0; i < PICTURES; i++) {
      due += EVERY_NANOS;
      LockSupport.parkNanos(due - System.nanoTime());
      direct[i] = time(client, bare + "/" + i + ".jpg");
      missed[i] = time(client, through + "/" + i + ".jpg");
    }
    origin.stop(0);
    double more = at(missed, 0.99) - at(direct, 0.99);
    IO.println("%d pictures of %d kB, one each %d ms".formatted(PICTURES, pictures.getFirst().length / 1000, EVERY_NANOS / 1_000_000));
    IO.println("origin    p50 %.2f  p90 %.2f  p99 %.2f ms".formatted(at(direct, 0.5), at(direct, 0.9), at(direct, 0.99)));
    IO.println("a miss    p50 %.2f  p90 %.2f  p99 %.2f ms".formatted(at(missed, 0.5), at(missed, 0.9), at(missed, 0.99)));
    IO.println("p99 %+.2f ms (bar: origin + %.0f ms): %s".formatted(more, BAR_MS, more <= BAR_MS ? "met" : "missed"));
    System.exit(0);
  }

  private static double at(double[] all, double part) {
    double[] sorted = all.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)];
  }

  private static double time(HttpClient client, String url) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).header("Accept", "image/avif,image/webp,*/*;q=0.8").build();
    long before = System.nanoTime();
    HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    long nanos = System.nanoTime() - before;
    if (answer.statusCode() != 200 || !answer.headers().firstValue("Content-Type").orElse("").equals("image/jpeg")) {
      throw new IllegalStateException(url + " is answered " + answer.statusCode() + " " + answer.headers().map());
    }
    return nanos / 1e6;
  }

  /// No two are the same.
  private static byte[] picture(SplittableRandom chance) throws Exception {
    BufferedImage image = new BufferedImage(900, 600, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = image.createGraphics();
    for (int i = 0; i < 400; i++) {
      pen.setColor(new Color(chance.nextInt(1 << 24)));
      pen.fillOval(chance.nextInt(900), chance.nextInt(600), chance.nextInt(10, 160), chance.nextInt(10, 160));
    }
    pen.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "jpeg", out);
    return out.toByteArray();
  }
}
