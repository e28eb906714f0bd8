package dev.freshet.assets;

import dev.freshet.base.Meters;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Looks at pages that were rewritten, after they were sent, and ends the rewriting where one means
/// something else than before.
///
/// Pages of one shape (their path with numbers and long names left out) come from one template: the
/// first of each shape are looked at, and a few later ones. What goes wrong in one ends it for all
/// of its shape; when that many shapes have gone wrong, for all pages: what is wrong then is the
/// rewriting.
final class PageCheck implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("freshet.assets");
  static final int MAX_PAGE = 1 << 20;
  private static final int FIRST = 3;
  private static final int EVERY = 200;
  private static final int MAX_SHAPES = 5_000;
  static final int MAX_OFF = 1_000;
  private static final int MAX_SHOWN = 20;
  private static final int MAX_WAITING = 50;
  private static final long MAX_WAITING_OCTETS = 16 << 20;
  private static final Pattern VARIES = Pattern.compile("/(?:[^/]*[0-9][^/]*|[^/]{25,})");

  private final Backlog backlog = new Backlog(1, MAX_WAITING, MAX_WAITING_OCTETS);
  private final Map<String, AtomicInteger> seen = new ConcurrentHashMap<>();
  private final Map<String, String> off = new ConcurrentHashMap<>();
  private final int mostOff;
  private volatile boolean isAllOff;
  private final Meters.Counter same;
  private final Meters.Counter different;

  /// @param mostOff so many shapes are left alone each for itself
  PageCheck(Meters meters, int mostOff) {
    this.mostOff = mostOff;
    String help = "Rewritten pages that another parser compared with the app's, by what it found";
    same = meters.counter("freshet_assets_checks_total", help, Map.of("found", "same"));
    different = meters.counter("freshet_assets_checks_total", help, Map.of("found", "different"));
    meters.gauge(
        "freshet_assets_shapes_off",
        "Shapes of pages that are left alone since rewriting changed what one of them means",
        Map.of(),
        () -> (double) off.size());
  }

  /// One page on its way, before and after.
  final class Witness {
    private final String shape;
    private final ByteArrayOutputStream before = new ByteArrayOutputStream(16_384);
    private final ByteArrayOutputStream after = new ByteArrayOutputStream(16_384);

    private Witness(String shape) {
      this.shape = shape;
    }

    void before(byte[] piece) {
      keep(before, piece);
    }

    void after(byte[] piece) {
      keep(after, piece);
    }

    /// One octet more says that it is too long.
    private void keep(ByteArrayOutputStream of, byte[] piece) {
      of.write(piece, 0, Math.min(piece.length, MAX_PAGE + 1 - of.size()));
    }

    /// Both are complete.
    void end() {
      boolean isWhole = before.size() <= MAX_PAGE && after.size() <= MAX_PAGE;
      if (isWhole) {
        backlog.add(
            Backlog.Rank.LATER,
            (long) before.size() + after.size(),
            () -> compare(shape, before.toByteArray(), after.toByteArray()));
      }
    }
  }

  /// Null for a page that need not be looked at.
  @Nullable Witness witness(String url) {
    String shape = shape(url);
    AtomicInteger before = seen.get(shape);
    if (before == null) {
      if (seen.size() >= MAX_SHAPES) {
        seen.clear();
      }
      before = seen.computeIfAbsent(shape, first -> new AtomicInteger());
    }
    int number = before.getAndIncrement();
    return number < FIRST || number % EVERY == 0 ? new Witness(shape) : null;
  }

  private void compare(String shape, byte[] before, byte[] after) {
    String difference = PageComparison.difference(before, after);
    if (difference == null) {
      same.increment();
      return;
    }
    different.increment();
    if (off.containsKey(shape) || isAllOff) {
      return;
    }
    boolean isOneMore = off.size() < mostOff;
    if (isOneMore) {
      off.put(shape, difference);
    } else {
      isAllOff = true;
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "{0}: a rewritten page differs from the app''s ({1}), so {2} stay as they are;"
            + " POST /optimize '{'\"on\": true'}' tries again",
        shape,
        difference,
        isOneMore ? "pages of that shape" : "all pages, after " + mostOff + " shapes before it,");
  }

  /// Why pages like that stay as they are; null where they don't.
  @Nullable String why(String url) {
    if (isAllOff) {
      return "many";
    }
    return off.isEmpty() ? null : off.get(shape(url));
  }

  /// Host and path, without what tells pages of one template apart.
  static String shape(String url) {
    int authority = url.indexOf("://");
    String rest = authority < 0 ? url : url.substring(authority + 3);
    int query = rest.indexOf('?');
    String bare = query < 0 ? rest : rest.substring(0, query);
    int path = bare.indexOf('/');
    return path < 0
        ? bare
        : bare.substring(0, path) + VARIES.matcher(bare.substring(path)).replaceAll("/*");
  }

  /// Begins anew.
  void forget() {
    off.clear();
    isAllOff = false;
    seen.clear();
  }

  /// Whether everything that was to be looked at has been.
  boolean isIdle() {
    return backlog.isIdle();
  }

  /// What was found, for people.
  Map<String, Object> describe() {
    Map<String, String> shown = new TreeMap<>();
    off.forEach((shape, why) -> {
      if (shown.size() < MAX_SHOWN) {
        shown.put(shape, why);
      }
    });
    return Map.of(
        "same", same.sum(), "different", different.sum(), "off", shown, "allOff", isAllOff);
  }

  @Override
  public void close() {
    backlog.close();
  }
}
