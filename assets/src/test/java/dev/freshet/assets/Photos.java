package dev.freshet.assets;

import dev.freshet.base.Rolls;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/// Pictures with soft colours, edges and some noise, as a camera makes them; the same each time.
final class Photos {
  private Photos() {}

  static BufferedImage scene(int width, int height) {
    Rolls rolls = new Rolls(5);
    BufferedImage out = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double wave = Math.sin(x / 23.0) + Math.cos(y / 17.0) + Math.sin((x + y) / 61.0);
        int base = (int) (128 + 35 * wave) + rolls.between(-6, 6);
        int edge = (x / 50 + y / 40) % 3 == 0 ? 30 : 0;
        int red = Math.clamp(base + edge, 0, 255);
        int green = Math.clamp(base - edge / 2, 0, 255);
        int blue = Math.clamp(255 - base, 0, 255);
        out.setRGB(x, y, red << 16 | green << 8 | blue);
      }
    }
    return out;
  }

  static byte[] jpeg(int width, int height, float quality) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (var sink = new MemoryCacheImageOutputStream(out)) {
      ImageWriteParam how = writer.getDefaultWriteParam();
      how.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      how.setCompressionQuality(quality);
      writer.setOutput(sink);
      writer.write(null, new IIOImage(scene(width, height), null, null), how);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }

  static byte[] png(int width, int height) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(scene(width, height), "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
