package dev.freshet.load;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which files of the same host pages load. A page that was read once is not read again: a thousand
/// browsers see the same one.
final class PageFiles {
  private static final int MOST = 500;
  private static final int LONGEST = 2_000;
  private final String origin;
  private final Map<ByteBuffer, List<String>> known = new LinkedHashMap<>(16, 0.75f, true);

  /// @param origin scheme and authority
  PageFiles(String origin) {
    this.origin = origin;
  }

  List<String> of(String document, Reply reply) {
    byte[] content = reply.content();
    if (content == null) {
      return List.of();
    }
    ByteBuffer key = digest(document, content);
    List<String> files = known.get(key);
    if (files == null) {
      files = read(document, reply.text());
      known.put(key, files);
      if (known.size() > MOST) {
        known.remove(known.keySet().iterator().next());
      }
    }
    return files;
  }

  private static ByteBuffer digest(String document, byte[] content) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(document.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(digest.digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private List<String> read(String document, String html) {
    URI base = URI.create(origin + document);
    Set<String> out = new LinkedHashSet<>();
    for (String file : Markup.files(html)) {
      URI to = resolved(base, file);
      if (to != null && to.toASCIIString().length() < LONGEST) {
        out.add(target(to));
      }
    }
    out.remove(document);
    return List.copyOf(out);
  }

  /// Where a link leads as browsers understand it; null when it leads to another host, or is none.
  static @Nullable URI resolved(URI base, String link) {
    try {
      String to = link.strip();
      // URI resolves these against the folder; browsers, against the page.
      URI all =
          to.isEmpty() || to.startsWith("?")
              ? URI.create(
                  base.getScheme() + "://" + base.getRawAuthority() + base.getRawPath() + to)
              : base.resolve(to);
      boolean isSame =
          base.getScheme().equalsIgnoreCase(all.getScheme())
              && String.valueOf(base.getRawAuthority()).equalsIgnoreCase(all.getRawAuthority());
      return isSame ? all : null;
    } catch (IllegalArgumentException e) {
      // No address: browsers would not follow it either.
      return null;
    }
  }

  /// Path and query, in ASCII.
  static String target(URI at) {
    URI ascii = URI.create(at.toASCIIString());
    String path = ascii.getRawPath().isEmpty() ? "/" : ascii.getRawPath();
    return ascii.getRawQuery() == null ? path : path + "?" + ascii.getRawQuery();
  }
}
