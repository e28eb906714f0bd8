package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.testkit.Chromium;
import dev.freshet.testkit.RawClient;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Pictures with the pixels that a real Chromium shows: the same places on the screen and the same
/// sizes for scripts, in fewer octets; for who tells nothing, what he got before.
@Timeout(120)
class FittedPicturesInBrowserTest {
  private static final int WIDTH = 1_200;
  private static final int HEIGHT = 700;

  /// Each picture is laid out by other rules; what the page says of them it tells the app, then it
  /// loads itself again once its widths are reported, until its pictures have come in less.
  private static final String PAGE =
      """
      <!doctype html><html><head><title>t</title><style>
      #b { max-width: 50%; } #c { width: 130px; } #d { height: 60px; }
      #e { width: 200px; height: 90px; object-fit: contain; } #f { min-width: 0; }
      </style></head><body>
      <p><img id=b src="/p.jpg?b"></p><p><img id=c src="/p.jpg?c"></p><p><img id=d src="/p.jpg?d"></p>
      <p><img id=e src="/p.jpg?e"></p><div style="display:flex;width:300px"><img id=f src="/p.jpg?f"></div>
      <table><tr><td width=150><img width=150 src="/p.jpg?g"></td></tr></table>
      <div style="width:100px;height:50px;overflow:hidden"><img src="/p.jpg?h"></div>
      <canvas id=z width=1200 height=700></canvas>
      <script>
      function all() {
        return Array.from(document.images).map(function (i) {
          var r = i.getBoundingClientRect();
          return [i.naturalWidth, i.naturalHeight, r.x, r.y, r.width, r.height]
              .map(Math.round).join(",");
        }).join(" ") + " " + drawn();
      }
      function drawn() {
        var pen = document.getElementById("z").getContext("2d");
        pen.drawImage(document.getElementById("c"), 0, 0);
        return pen.getImageData(1190, 690, 1, 1).data[3];
      }
      function octets() {
        var sum = 0;
        performance.getEntriesByType("resource").forEach(function (one) {
          if (one.name.indexOf("/p.jpg") > 0) sum += one.encodedBodySize;
        });
        return sum;
      }
      onload = async function () {
        await Promise.all(Array.from(document.images).map(function (i) {
          i.loading = "eager";
          return i.decode();
        }));
        fetch("/report" + location.pathname + "/" + octets() + "/" + encodeURIComponent(all()));
        new PerformanceObserver(function (list) {
          list.getEntries().forEach(function (one) {
            if (one.name.indexOf("/.freshet/shown?") > 0) location.reload();
          });
        }).observe({ type: "resource", buffered: true });
      };
      </script><!--PADDING-->
      """
          .replace("PADDING", "x".repeat(500));

  @TempDir private Path profile;
  private final PlainApp app = new PlainApp();

  @AfterEach
  void close() {
    app.close();
  }

  private static byte[] photo() throws IOException {
    BufferedImage out = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int red = (int) (128 + 90 * Math.sin(x / 31.0));
        int green = (int) (128 + 90 * Math.cos(y / 23.0));
        out.setRGB(x, y, red << 16 | green << 8 | (x * y) % 251);
      }
    }
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    ImageIO.write(out, "jpg", octets);
    return octets.toByteArray();
  }

  /// What a page said of itself.
  private record Told(long octets, String places) {}

  private List<Told> told(String page) {
    String begin = "/report/" + page + "/";
    return app.asked().stream()
        .filter(line -> line.startsWith(begin))
        .map(line -> line.substring(begin.length()).split("/", 2))
        .map(parts ->
            new Told(Long.parseLong(parts[0]), URLDecoder.decode(parts[1], StandardCharsets.UTF_8)))
        .toList();
  }

  @Test
  void areLaidOutAsBeforeInFewerOctets() throws IOException, InterruptedException {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "skipped: no chromium on PATH");
    String here = "CDN-Cache-Control: max-age=60";
    String ask = "Cache-Control: no-store";
    String html = "Content-Type: text/html; charset=utf-8";
    app.page("/bare", PAGE, html, here, ask).page("/shown", PAGE, html, here, ask);
    byte[] photo = photo();
    app.octets("/p.jpg", photo, "Content-Type: image/jpeg", here, ask);
    Settings settings =
        Reading.read(
            "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: "
                + app.url()
                + "\nroutes: [{match: /bare, optimize: off}]");
    try (Wiring freshet = Wiring.start(settings, () -> settings)) {
      assumeTrue(freshet.refiner().hasPictures(), "skipped: no libvips here");
      int port = freshet.edge().addresses().getFirst().port();
      String site = "http://127.0.0.1:" + port;
      Told bare = first(program.orElseThrow(), site, "bare", Long.MAX_VALUE);
      long most = photo.length * 7L / 3;
      assertThat(bare.octets()).isGreaterThan(most);
      Told shown = first(program.orElseThrow(), site, "shown", most);
      assertThat(shown.places()).isEqualTo(bare.places()).endsWith(" 255");
      try (RawClient client = RawClient.to(port)) {
        RawClient.Response plain = client.get("/p.jpg?c", "Accept: image/jpeg");
        assertThat(plain.field("Freshet-Optimized")).doesNotStartWith("w");
        assertThat(plain.field("Vary")).isEqualTo("Accept");
      }
    }
  }

  /// The first that came in less than that.
  private Told first(Path program, String site, String page, long octets)
      throws IOException, InterruptedException {
    Path folder = profile.resolve(page);
    Files.createDirectory(folder);
    try (Chromium browser = Chromium.open(program, folder, site + "/" + page)) {
      Optional<Told> found = Optional.empty();
      boolean isEnded = false;
      while (!isEnded && found.isEmpty()) {
        isEnded = browser.endsWithin(50);
        found = told(page).stream().filter(each -> each.octets() < octets).findFirst();
      }
      assertThat(browser.log())
          .as("what is reported to is not there")
          .noneMatch(line -> line.contains("CONSOLE") && !line.contains("404"));
      return found.orElseThrow();
    }
  }
}
