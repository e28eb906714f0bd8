package dev.freshet.live;

import dev.freshet.testkit.RawClient;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Just enough HTTP/2 to ask one thing: literal fields, no compression.
final class H2 {
  private H2() {}

  /// A HEADERS frame that is a whole GET.
  static byte[] get(String target) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    field(block, ":method", "GET");
    field(block, ":scheme", "http");
    field(block, ":authority", "shop.test");
    field(block, ":path", target);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int length = block.size();
    out.writeBytes(new byte[] {0, (byte) (length >>> 8), (byte) length, 1, 5, 0, 0, 0, 1});
    out.writeBytes(block.toByteArray());
    return out.toByteArray();
  }

  private static void field(ByteArrayOutputStream out, String name, String value) {
    out.write(0);
    for (String text : new String[] {name, value}) {
      out.write(text.length());
      out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  /// Everything that comes up to and with these words.
  static String until(RawClient client, String words) {
    StringBuilder out = new StringBuilder();
    while (out.indexOf(words, Math.max(0, out.length() - words.length() - 1)) < 0) {
      out.append(client.octets(1));
    }
    return out.toString();
  }
}
