package dev.freshet.edge;

import dev.freshet.cache.Entry;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  /// Tags of pages that went out before their names were known.
  private static final int MAX_TAGS = 5_000;

  private final Map<String, Known> known = new ConcurrentHashMap<>();
  private final Map<String, PageNames> byTag = new LinkedHashMap<>();

  /// The last for each site and time for which its pages are kept.
  private final Map<Passing, PageNames> passing = new LinkedHashMap<>();

  private record Passing(String site, long keptMillis) {}

  /// What was seen of the content under one key. Does not keep the content itself.
  static final class Known {
    private final WeakReference<byte[][]> body;
    private final String name;
    private final boolean looksAtScripts;
    private volatile @Nullable ContentTerms terms;

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

    private ContentTerms terms(String key, StoredResponse stored) {
      ContentTerms before = terms;
      if (before != null && before.head().equals(stored.head())) {
        return before;
      }
      ContentTerms read = ContentTerms.of(key, stored);
      terms = read;
      return read;
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

  /// Keys of contents that have names, more or less: some may be gone.
  Set<String> keys() {
    return known.keySet();
  }

  boolean isKnown(String key, Entry<StoredResponse> entry) {
    Known found = known.get(key);
    return found != null && found.body.refersTo(entry.body());
  }

  /// What the head of the content stored under that key says; read once where its name is known.
  ContentTerms terms(String key, Entry<StoredResponse> entry) {
    Known found = known.get(key);
    return found != null && found.body.refersTo(entry.body())
        ? found.terms(key, entry.meta())
        : ContentTerms.of(key, entry.meta());
  }

  /// Remembers what pages on their way name, by what their tag says; the oldest are forgotten.
  synchronized void remember(String site, long keptMillis, PageNames names) {
    put(byTag, names.tag(), names);
    put(passing, new Passing(site, keptMillis), names);
  }

  private static <K> void put(Map<K, PageNames> into, K key, PageNames names) {
    into.put(key, names);
    if (into.size() > MAX_TAGS) {
      Iterator<PageNames> eldest = into.values().iterator();
      eldest.next();
      eldest.remove();
    }
  }

  /// What pages of that site name at the moment; null where none has passed.
  synchronized @Nullable PageNames passing(String site, long keptMillis) {
    return passing.get(new Passing(site, keptMillis));
  }

  /// What is named by pages with that in their tag; null when it is not known any more.
  synchronized @Nullable PageNames byTag(String tag) {
    return byTag.get(tag);
  }

  private static boolean mentionsScripts(byte[][] content) {
    StringBuilder text = new StringBuilder();
    for (byte[] piece : content) {
      text.append(new String(piece, StandardCharsets.ISO_8859_1));
    }
    return LOOKS_AT_SCRIPTS.stream().anyMatch(sign -> text.indexOf(sign) >= 0);
  }
}
