package dev.freshet.edge;

import dev.freshet.cache.Entry;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What stored contents are called in URLs: by a digest, so the same on every node. Each content is
/// looked at once, when somebody asks for its name.
final class ContentNames {
  /// Longer content takes too long to be looked at while somebody waits.
  static final long MAX_OCTETS = 2 << 20;

  private static final int MAX_KNOWN = 20_000;
  private static final int MAX_HEADS = 16;

  /// By these a script finds its own element, and may read what stands in its URL.
  private static final List<String> LOOKS_AT_SCRIPTS =
      List.of(
          "currentScript",
          ".scripts",
          "script[",
          "TagName(\"script",
          "TagName('script",
          "TagName(`script",
          "Selector(\"script",
          "Selector('script",
          "SelectorAll(\"script",
          "SelectorAll('script");

  /// Pages that went out before their names were known.
  private static final int MAX_PAGES = 5_000;

  private final Map<String, Known> known = new ConcurrentHashMap<>();
  private final Map<String, PageNames> pages = new LinkedHashMap<>();

  /// What was seen of the content under one key. Does not keep the content itself.
  static final class Known {
    private final WeakReference<byte[][]> body;
    private final String name;
    private final boolean looksAtScripts;

    /// The heads with which it is sent under its name, by those without.
    private final Map<Stored, Stored> heads = new ConcurrentHashMap<>();

    private Known(byte[][] content) {
      body = new WeakReference<>(content);
      name = new Sha256().addAll(content).endShort();
      looksAtScripts = mentionsScripts(content);
    }

    String name() {
      return name;
    }

    /// Whether it is a script that may read its own URL.
    boolean looksAtScripts() {
      return looksAtScripts;
    }

    @Nullable Stored head(Stored of) {
      return heads.get(of);
    }

    void keep(Stored of, Stored made) {
      if (heads.size() >= MAX_HEADS) {
        heads.clear();
      }
      heads.put(of, made);
    }
  }

  /// What is known of the content stored under that key; null for one that is too long.
  @Nullable Known of(String key, Entry<StoredResponse> entry) {
    Known found = known.get(key);
    if (found != null && found.body.refersTo(entry.body())) {
      return found;
    }
    if (entry.bodyLength() > MAX_OCTETS) {
      return null;
    }
    if (known.size() >= MAX_KNOWN) {
      known.clear();
    }
    Known made = new Known(entry.body());
    known.put(key, made);
    return made;
  }

  /// Remembers a page by what its tag says; the oldest are forgotten.
  void remember(PageNames page) {
    String tag = page.tag();
    if (tag.isEmpty()) {
      return;
    }
    synchronized (pages) {
      pages.put(tag, page);
      if (pages.size() > MAX_PAGES) {
        Iterator<PageNames> eldest = pages.values().iterator();
        eldest.next();
        eldest.remove();
      }
    }
  }

  @Nullable PageNames page(String tag) {
    synchronized (pages) {
      return pages.get(tag);
    }
  }

  private static boolean mentionsScripts(byte[][] content) {
    StringBuilder text = new StringBuilder();
    for (byte[] piece : content) {
      text.append(new String(piece, StandardCharsets.ISO_8859_1));
    }
    return LOOKS_AT_SCRIPTS.stream().anyMatch(sign -> text.indexOf(sign) >= 0);
  }
}
