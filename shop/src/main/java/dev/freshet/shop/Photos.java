package dev.freshet.shop;

import java.awt.AlphaComposite;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RadialGradientPaint;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.SplittableRandom;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/// Paints product photos as a studio would take them: 1600 pixels wide, grainy, far too large for
/// the lists they are shown in. The same number always gives the same picture.
final class Photos {
  static final int VARIANTS = 3;
  static final int COUNT = Silhouette.ALL.size() * VARIANTS;
  private static final int WIDTH = 1600;
  private static final int HEIGHT = 1200;
  private static final float[] HUES = {0.58f, 0.36f, 0.05f};

  private Photos() {}

  /// A JPEG of several hundred kB.
  ///
  /// @param number 1 to [#COUNT]
  static byte[] photo(int number) throws IOException {
    SplittableRandom chance = new SplittableRandom(number);
    Silhouette silhouette = Silhouette.ALL.get((number - 1) / VARIANTS);
    float hue = HUES[number % VARIANTS] + chance.nextInt(100) / 1000f;
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D paint = begin(image);
    studio(paint, hue + 0.5f + chance.nextInt(100) / 500f);
    double size = 820 + chance.nextInt(120);
    double x = (WIDTH - size) / 2 + chance.nextInt(80) - 40;
    double y = 150;
    shadow(paint, x + size / 2, y + size * 0.89, size * 0.56);
    float depth = 0.45f + chance.nextInt(25) / 100f;
    for (Silhouette.Part part : silhouette.parts()) {
      fill(paint, part.path(x, y, size), hue, depth, part.shade(), chance);
    }
    paint.dispose();
    grain(image, chance, 13);
    return jpeg(image);
  }

  /// The hills of the home page, as a PNG.
  static byte[] hero() throws IOException {
    BufferedImage image = new BufferedImage(WIDTH, 640, BufferedImage.TYPE_INT_RGB);
    SplittableRandom chance = new SplittableRandom(640);
    Graphics2D paint = begin(image);
    paint.setPaint(new GradientPaint(0, 0, new Color(0x9cc3d5), 0, 420, new Color(0xfbe8cf)));
    paint.fill(new Rectangle2D.Double(0, 0, WIDTH, 640));
    paint.setColor(new Color(0xfff6dd));
    paint.fill(new Ellipse2D.Double(1120, 110, 130, 130));
    for (int layer = 0; layer < 6; layer++) {
      Path2D hills = new Path2D.Double();
      hills.moveTo(0, 640);
      double phase = chance.nextDouble() * 7;
      for (int x = 0; x <= WIDTH; x += 4) {
        double wave = Math.sin(x / 190.0 + phase) * 46 + Math.sin(x / 61.0 + phase * 3) * 13;
        hills.lineTo(x, 250 + layer * 66 + wave * (1 - layer * 0.1));
      }
      hills.lineTo(WIDTH, 640);
      hills.closePath();
      Color top =
          Color.getHSBColor(0.47f - layer * 0.02f, 0.22f + layer * 0.07f, 0.78f - layer * 0.1f);
      paint.setPaint(new GradientPaint(0, 230, top, 0, 640, top.darker()));
      paint.fill(hills);
    }
    paint.dispose();
    grain(image, chance, 2);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  private static Graphics2D begin(BufferedImage image) {
    Graphics2D paint = image.createGraphics();
    paint.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    return paint;
  }

  private static void studio(Graphics2D paint, float hue) {
    Color wall = Color.getHSBColor(hue, 0.10f, 0.93f);
    Color edge = Color.getHSBColor(hue, 0.16f, 0.74f);
    paint.setPaint(
        new RadialGradientPaint(
            WIDTH / 2f, 480, 1150, new float[] {0, 1}, new Color[] {wall, edge}));
    paint.fill(new Rectangle2D.Double(0, 0, WIDTH, HEIGHT));
    Color table = Color.getHSBColor(hue, 0.13f, 0.86f);
    paint.setPaint(new GradientPaint(0, 860, table, 0, HEIGHT, table.darker()));
    paint.fill(new Rectangle2D.Double(0, 860, WIDTH, HEIGHT - 860));
  }

  private static void shadow(Graphics2D paint, double x, double y, double radius) {
    paint.setComposite(AlphaComposite.SrcOver.derive(0.5f));
    paint.translate(x, y);
    paint.scale(1, 0.16);
    paint.setPaint(
        new RadialGradientPaint(
            0,
            0,
            (float) radius,
            new float[] {0, 0.5f, 1},
            new Color[] {
              new Color(20, 20, 25, 230), new Color(20, 20, 25, 130), new Color(20, 20, 25, 0)
            }));
    paint.fill(new Ellipse2D.Double(-radius, -radius, 2 * radius, 2 * radius));
    paint.scale(1, 1 / 0.16);
    paint.translate(-x, -y);
    paint.setComposite(AlphaComposite.SrcOver);
  }

  private static void fill(
      Graphics2D paint,
      Path2D path,
      float hue,
      float depth,
      double shade,
      SplittableRandom chance) {
    Rectangle2D box = path.getBounds2D();
    float bright = (float) Math.min(0.97, 0.62 * shade);
    float dull = (float) Math.min(1, Math.max(0.05, depth * (2.1 - shade) / 1.1));
    Color light = Color.getHSBColor(hue, dull * 0.8f, Math.min(1, bright * 1.25f));
    Color dark = Color.getHSBColor(hue, dull, bright * 0.62f);
    paint.setPaint(
        new GradientPaint(
            (float) box.getMinX(),
            (float) box.getMinY(),
            light,
            (float) box.getMaxX(),
            (float) box.getMaxY(),
            dark));
    paint.fill(path);
    var clip = paint.getClip();
    paint.clip(path);
    for (int i = 0; i < 260; i++) {
      double x = box.getMinX() + chance.nextDouble() * box.getWidth();
      double y = box.getMinY() + chance.nextDouble() * box.getHeight();
      paint.setColor(chance.nextBoolean() ? new Color(255, 255, 255, 14) : new Color(0, 0, 0, 14));
      paint.fill(new Ellipse2D.Double(x, y, 3 + chance.nextInt(60), 2 + chance.nextInt(5)));
    }
    paint.setPaint(
        new GradientPaint(
            (float) (box.getMinX() + box.getWidth() * 0.18),
            0,
            new Color(255, 255, 255, 60),
            (float) (box.getMinX() + box.getWidth() * 0.42),
            0,
            new Color(255, 255, 255, 0)));
    paint.fill(box);
    paint.setClip(clip);
  }

  /// The noise of a sensor, which is what makes a photo heavy.
  private static void grain(BufferedImage image, SplittableRandom chance, int strength) {
    int[] pixels = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
    long bits = 0;
    for (int i = 0; i < pixels.length; i++) {
      if (i % 8 == 0) {
        bits = chance.nextLong();
      }
      int noise = (int) (((bits & 0xff) * strength) >> 8) - strength / 2;
      bits >>>= 8;
      int pixel = pixels[i];
      pixels[i] =
          (clamp(((pixel >> 16) & 0xff) + noise) << 16)
              | (clamp(((pixel >> 8) & 0xff) + noise) << 8)
              | clamp((pixel & 0xff) + noise);
    }
  }

  private static int clamp(int value) {
    return Math.max(0, Math.min(255, value));
  }

  private static byte[] jpeg(BufferedImage image) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 20);
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      ImageWriteParam how = writer.getDefaultWriteParam();
      how.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      how.setCompressionQuality(0.9f);
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), how);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
