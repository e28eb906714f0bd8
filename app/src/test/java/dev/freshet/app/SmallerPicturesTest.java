package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.testkit.RawClient;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Pictures through the whole program and real encoders; skipped where there is no libvips.
@Timeout(120)
class SmallerPicturesTest {
  private static final String KEPT = "Cache-Control: max-age=600";
  private static final String CHROMIUM = "Accept: image/avif,image/webp,*/*;q=0.8";
  private static final String SAFARI = "Accept: image/webp,*/*;q=0.8";

  private final PlainApp app = new PlainApp();
  private final Settings settings =
      Reading.read("listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\norigin: " + app.url());
  private final Wiring freshet = Wiring.start(settings, () -> settings);
  private final RawClient client = RawClient.to(freshet.edge().addresses().getFirst().port());

  @AfterEach
  void close() {
    client.close();
    freshet.close();
    app.close();
  }

  private static byte[] picture(String format) throws IOException {
    BufferedImage out = new BufferedImage(300, 200, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = out.createGraphics();
    pen.setPaint(new GradientPaint(0, 0, Color.ORANGE, 300, 200, Color.BLUE));
    pen.fillRect(0, 0, 300, 200);
    pen.setColor(Color.WHITE);
    for (int i = 0; i < 40; i++) {
      pen.drawOval(i * 7, i * 3, 5 + i * 2, 60);
    }
    pen.dispose();
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    ImageIO.write(out, format, octets);
    return octets.toByteArray();
  }

  private String type(String path, String accept) {
    return client.get(path, accept).field("Content-Type");
  }

  @Test
  void becomeWhatTheClientShowsBest() throws IOException {
    assumeTrue(freshet.refiner().hasPictures(), "no libvips here");
    app.octets("/a.png", picture("png"), "Content-Type: image/png", KEPT, "ETag: \"v1\"");
    RawClient.Response first = client.get("/a.png", CHROMIUM);
    assertThat(first.text().getBytes(StandardCharsets.ISO_8859_1)).isEqualTo(picture("png"));
    while (!type("/a.png", SAFARI).equals("image/webp")) {
      Thread.onSpinWait();
    }
    RawClient.Response webp = client.get("/a.png", SAFARI);
    assertThat(webp.text()).startsWith("RIFF").contains("VP8L");
    assertThat(webp.field("ETag")).isEqualTo("\"v1-webp\"");
    assertThat(type("/a.png", "Accept: */*")).isEqualTo("image/png");
    assertThat(app.asked("/a.png")).isEqualTo(1);
    try (RawClient operator = RawClient.to(freshet.console().address().port())) {
      assertThat(operator.send("GET /status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").response().text())
          .contains("\"webp\" : 1", "libvips");
    }
  }

  @Test
  void stayAsTheyAreWhereTheyAreBroken() throws IOException {
    assumeTrue(freshet.refiner().hasPictures(), "no libvips here");
    byte[] whole = picture("jpg");
    byte[] cut = Arrays.copyOf(whole, whole.length - 2_000);
    app.octets("/a.jpg", cut, "Content-Type: image/jpeg", KEPT);
    client.get("/a.jpg", CHROMIUM);
    client.get("/a.jpg", CHROMIUM);
    while (!freshet.refiner().describe().toString().contains("unreadable=")) {
      Thread.onSpinWait();
    }
    RawClient.Response again = client.get("/a.jpg", CHROMIUM);
    assertThat(again.field("Freshet-Optimized")).isEmpty();
    assertThat(again.text().getBytes(StandardCharsets.ISO_8859_1)).isEqualTo(cut);
  }
}
