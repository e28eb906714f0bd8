package dev.freshet.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/// The console's one page, the dashboard: live figures, drawn by its script from the console's own
/// JSON, and the orders that the console takes. It is put together once and needs nothing else.
final class Page {
  private static final List<String> SCRIPTS =
      List.of("words.js", "tiles.js", "tables.js", "orders.js");
  private static final String STYLE = text("console.css");
  private static final String SCRIPT =
      SCRIPTS.stream().map(Page::text).collect(Collectors.joining());
  private static final String HTML =
      text("console.html").replace("STYLE", STYLE).replace("SCRIPT", SCRIPT);
  private static final String POLICY =
      "default-src 'none'; script-src "
          + hashOf(SCRIPT)
          + "; style-src "
          + hashOf(STYLE)
          + "; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private Page() {}

  /// The Content-Security-Policy: the page's script and style run, by their hash, and nothing else.
  static String policy() {
    return POLICY;
  }

  static String html() {
    return HTML;
  }

  private static String hashOf(String text) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static String text(String name) {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the program was built without " + name);
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
