package dev.freshet.edge;

import dev.freshet.base.Meters;
import dev.freshet.cache.Cache;
import dev.freshet.cache.Entry;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Contents that clients were told to keep for coding others against them, and what was coded so:
/// the least used leave first.
///
/// Only what everybody may have is ever kept, so nothing is in a dictionary that its holder could
/// not have asked for. Only secure connections get to hear of it (RFC 9842, section 7).
final class Dictionaries implements AutoCloseable {
  static final FieldName AVAILABLE = FieldName.of("Available-Dictionary");
  private static final FieldName SITE = FieldName.of("Sec-Fetch-Site");

  /// Octets of dictionaries, and of what was coded against them.
  static final long MAX_OCTETS = 16 << 20;

  static final long MAX_CODED_OCTETS = 16 << 20;

  /// Shorter content is coded well enough by itself; longer takes too long while somebody waits.
  static final int MIN_LENGTH = 1_000;

  static final int MAX_LENGTH = 2 << 20;

  /// What has left comes back no sooner: making it takes a copy and a digest.
  private static final long AGAIN_MILLIS = TimeUnit.SECONDS.toMillis(10);

  /// What was made of which content, by identity: arrays are equal to nothing but themselves.
  @SuppressWarnings("UndefinedEquals")
  private final Map<byte[][], Made> made = new WeakHashMap<>();

  private final Map<String, Dictionary> byName = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<String, Coded> coded = new LinkedHashMap<>(16, 0.75f, true);
  private final Digests digests = new Digests();
  private final Meters.Counter answers;
  private final Meters.Counter saved;
  private long octets;
  private long codedOctets;

  /// @param name null for what can't be one
  private record Made(@Nullable String name, long millis) {}

  /// What came of coding some content; its fields are those of whoever asks.
  ///
  /// @param content null when coding gained nothing
  /// @param finish null for what is no page
  @SuppressWarnings("ArrayRecordComponent")
  record Difference(byte @Nullable [][] content, @Nullable Finish finish) {}

  /// What came of that very content.
  @SuppressWarnings("ArrayRecordComponent")
  private record Coded(byte[][] of, Difference difference) {
    long octets() {
      byte[][] content = difference.content();
      return Form.length(of) + (content == null ? 0 : Form.length(content));
    }
  }

  Dictionaries(Meters meters) {
    answers =
        meters.counter(
            "freshet_dictionary_answers_total", "Answers sent as what differs from a dictionary");
    saved =
        meters.counter(
            "freshet_dictionary_saved_bytes_total",
            "Octets of content not sent because the client held a dictionary");
    meters.gauge(
        "freshet_dictionary_bytes",
        "Octets of dictionaries held",
        Map.of(),
        () -> (double) octets());
    meters.gauge(
        "freshet_dictionary_digest_bytes",
        "Octets outside the heap of dictionaries kept as the coder has read them, at most",
        Map.of(),
        () -> (double) digests.octets());
  }

  /// Octets held.
  synchronized long octets() {
    return octets;
  }

  /// Answers sent as what differs.
  long given() {
    return answers.sum();
  }

  /// Octets that were not sent for it.
  long saved() {
    return saved.sum();
  }

  /// Whether browsers use dictionaries there at all: a proxy that doesn't know them can't be in
  /// between.
  static boolean isSecure(String scheme, String authority) {
    if (scheme.equals("https")) {
      return true;
    }
    String host = authority.toLowerCase(Locale.ROOT).replaceFirst(":[0-9]+$", "");
    return host.equals("localhost")
        || host.endsWith(".localhost")
        || host.equals("127.0.0.1")
        || host.equals("[::1]");
  }

  static boolean isSecure(String url) {
    int end = url.indexOf("://");
    int slash = end < 0 ? -1 : url.indexOf('/', end + 3);
    return slash > 0 && isSecure(url.substring(0, end), url.substring(end + 3, slash));
  }

  /// Keeps content that clients were told to keep; quick for what is kept already.
  ///
  /// @param content not changed by anyone
  void keep(byte[][] content, long now) {
    long length = Form.length(content);
    if (length < MIN_LENGTH || length > MAX_LENGTH) {
      return;
    }
    synchronized (this) {
      Made before = made.get(content);
      boolean isDone =
          before != null
              && (before.name() == null
                  || byName.get(before.name()) != null
                  || now - before.millis() < AGAIN_MILLIS);
      if (isDone) {
        return;
      }
    }
    Dictionary dictionary = Dictionary.of(content);
    synchronized (this) {
      made.put(content, new Made(dictionary.isPlain() ? dictionary.name() : null, now));
    }
    keep(dictionary);
  }

  void keep(Dictionary dictionary) {
    if (!dictionary.isPlain()) {
      return;
    }
    synchronized (this) {
      if (byName.get(dictionary.name()) != null) {
        return;
      }
      byName.put(dictionary.name(), dictionary);
      octets += dictionary.length();
      Iterator<Dictionary> eldest = byName.values().iterator();
      while (octets > MAX_OCTETS && eldest.hasNext()) {
        octets -= eldest.next().length();
        eldest.remove();
      }
    }
  }

  /// The dictionary that the client holds and may be answered with; null for none.
  @Nullable Dictionary offered(RequestHead head) {
    Fields fields = head.fields();
    if (!fields.has(AVAILABLE) || !isSecure(head.scheme(), head.authority())) {
      return null;
    }
    String said = fields.combined(AVAILABLE);
    String accepted = fields.combined(FieldName.ACCEPT_ENCODING);
    String from = fields.first(SITE);
    boolean isOwn = from == null || from.equals("same-origin") || from.equals("none");
    if (said == null || accepted == null || !isOwn || !accepts(accepted)) {
      return null;
    }
    String bare = said.strip();
    if (bare.length() < 3 || !bare.startsWith(":") || !bare.endsWith(":")) {
      return null;
    }
    synchronized (this) {
      return byName.get(bare.substring(1, bare.length() - 1));
    }
  }

  /// Named in so many words, and not refused.
  private static boolean accepts(String accepted) {
    return Arrays.stream(accepted.split(",", -1))
        .map(one -> one.strip().toLowerCase(Locale.ROOT))
        .anyMatch(one ->
            one.equals(Dictionary.CODING)
                || (one.startsWith(Dictionary.CODING + ";") && !one.matches(".*q=0(\\.0*)?$")));
  }

  /// Codes content against a dictionary, for a client that holds it.
  byte[][] encode(Dictionary dictionary, byte[][] plain) {
    return dictionary.encode(plain, digests);
  }

  /// What was coded before; null when it has to be done.
  @SuppressWarnings("ReferenceEquality")
  synchronized @Nullable Difference coded(
      String key, Entry<StoredResponse> of, Dictionary against, Polish.Level level) {
    Coded found = coded.get(place(key, against, level));
    return found != null && found.of() == of.body() ? found.difference() : null;
  }

  /// Keeps what was coded, or that it gains nothing.
  synchronized void keepCoded(
      String key,
      Entry<StoredResponse> of,
      Dictionary against,
      Polish.Level level,
      Difference difference) {
    Coded made = new Coded(of.body(), difference);
    Coded before = coded.put(place(key, against, level), made);
    codedOctets += made.octets() - (before == null ? 0 : before.octets());
    Iterator<Coded> eldest = coded.values().iterator();
    while (codedOctets > MAX_CODED_OCTETS && eldest.hasNext()) {
      codedOctets -= eldest.next().octets();
      eldest.remove();
    }
  }

  /// Forgets what was coded of a page.
  synchronized void forgetPage(String key) {
    String begin = key + Cache.SEPARATOR;
    Iterator<Map.Entry<String, Coded>> all = coded.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<String, Coded> each = all.next();
      boolean isOfPage = each.getValue().difference().finish() != null;
      if (isOfPage && each.getKey().startsWith(begin)) {
        codedOctets -= each.getValue().octets();
        all.remove();
      }
    }
  }

  private static String place(String key, Dictionary against, Polish.Level level) {
    return key + Cache.SEPARATOR + against.name() + Cache.SEPARATOR + level;
  }

  /// Books one answer.
  void count(long plain, long sent) {
    answers.increment();
    saved.add(Math.max(0, plain - sent));
  }

  /// Gives back what is held outside the heap; all else goes on.
  @Override
  public void close() {
    digests.close();
  }
}
