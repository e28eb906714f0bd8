package dev.freshet.assets;

import dev.freshet.base.Meters;
import dev.freshet.http.CacheDirectives;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ScriptPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Makes pages better on their way, by what was seen of the site before; one for the whole program.
///
/// A page that passes for the first time gets what can be told from itself. When it is stored and
/// its pictures have been seen, it is made again with their sizes: whoever waits is told by
/// `better`.
public final class Assets implements AutoCloseable {
  private static final int MAX_CHARSET = 40;
  private static final FieldName DISPOSITION = FieldName.of("Content-Disposition");

  /// After a page was sent, its browser loads most of its pictures.
  private static final Duration LATER = Duration.ofSeconds(1);

  private static final Fields HINTS = Fields.of("Accept-CH", ShownPictures.HINTS);
  private static final Fields NOTHING = new Fields(0);

  private final Pictures pictures = new Pictures();
  private final UsualSizes usual = new UsualSizes();
  private final Sheets sheets = new Sheets();
  private final SheetLookups lookups = new SheetLookups();
  private final Referrals referrals = new Referrals();
  private final PictureHeads heads;
  private final ShownPictures shown;
  private final PageCheck check;
  private final Consumer<String> better;
  private final Meters.Counter pages;
  private final Meters.Counter ended;
  private final Meters.Counter lazy;
  private final Meters.Counter sized;
  private final Meters.Counter first;
  private final Meters.Counter named;
  private final Meters.Counter critical;
  private final Meters.Counter ahead;
  private volatile boolean isOn = true;
  private volatile BooleanSupplier registers = () -> false;
  private volatile BooleanSupplier measures = () -> false;

  /// @param better told of a stored page that can be made better now, by the name that it was given
  public Assets(Meters meters, Consumer<String> better) {
    this.better = better;
    heads =
        new PictureHeads(System::nanoTime, LATER, url -> pictures.size(url) != null, this::learn);
    shown = new ShownPictures(System::nanoTime, better);
    check = new PageCheck(meters, PageCheck.MAX_OFF);
    pages =
        meters.counter(
            "freshet_assets_pages_total",
            "Pages made better: each that passed, and each form of a stored one");
    ended =
        meters.counter(
            "freshet_assets_unreadable_total",
            "Pages whose rewriting ended early, since they can't be read with certainty");
    String help = "What was put into pages: lazy loading, kept places, priority, names, and ahead";
    lazy = meters.counter("freshet_assets_put_total", help, Map.of("what", "lazy"));
    sized = meters.counter("freshet_assets_put_total", help, Map.of("what", "sized"));
    first = meters.counter("freshet_assets_put_total", help, Map.of("what", "first"));
    named = meters.counter("freshet_assets_put_total", help, Map.of("what", "named"));
    critical = meters.counter("freshet_assets_put_total", help, Map.of("what", "critical"));
    ahead = meters.counter("freshet_assets_put_total", help, Map.of("what", "ahead"));
    meters.gauge(
        "freshet_assets_pictures",
        "Pictures whose size is known",
        Map.of(),
        () -> (double) pictures.known());
  }

  /// What makes smaller contents of stored ones, by what pages say of them.
  public Refiner refiner(RefinerConfig with, Meters meters) {
    return new Refiner(this::isOn, referrals, with, meters);
  }

  /// Turns everything on or off for all pages.
  public void turn(boolean on) {
    isOn = on;
    check.forget();
  }

  /// From now on pages register the service worker while that says so.
  public void registers(BooleanSupplier told) {
    registers = told;
  }

  /// From now on pages tell how wide their pictures are shown while that says so.
  public void measures(BooleanSupplier told) {
    measures = told;
  }

  /// What pages are asked to tell, and where.
  public ShownPictures shown() {
    return shown;
  }

  /// Fields that go with a page that was made better.
  public Fields beside() {
    return measures.getAsBoolean() ? HINTS : NOTHING;
  }

  /// The width in pixels, of a few, of a picture that is enough for that request; 0 where that
  /// can't be told.
  ///
  /// @param url absolute
  public int width(String url, Fields request) {
    return measures.getAsBoolean() ? shown.width(url, request) : 0;
  }

  public boolean isOn() {
    return isOn;
  }

  /// Whether a response is a page that may be rewritten: HTML in an encoding that has ASCII for
  /// what it is, not coded, without `no-transform`, and to be shown: what is saved as a file stays
  /// what the app made.
  public static boolean isPage(Fields response) {
    String type = response.first(FieldName.CONTENT_TYPE);
    if (type == null || !type.regionMatches(true, 0, "text/html", 0, 9)) {
      return false;
    }
    boolean mayBe =
        !response.has(FieldName.CONTENT_ENCODING)
            && !isSaved(response)
            && !CacheDirectives.parse(response).noTransform();
    return mayBe && isAscii(type.toLowerCase(Locale.ROOT));
  }

  /// Any disposition but `inline` is a file to be saved (RFC 6266, section 4.2).
  private static boolean isSaved(Fields response) {
    String said = response.first(DISPOSITION);
    String kind = said == null ? "" : said.strip().toLowerCase(Locale.ROOT);
    return !kind.isEmpty() && !kind.matches("inline\\s*(?:;.*)?");
  }

  /// Whether the response says how its page is encoded.
  private static boolean isDeclared(Fields response) {
    String type = response.first(FieldName.CONTENT_TYPE);
    return type != null && type.toLowerCase(Locale.ROOT).contains("charset");
  }

  private static boolean isAscii(String type) {
    int charset = type.indexOf("charset");
    if (charset < 0) {
      return true;
    }
    String said = type.substring(charset, Math.min(type.length(), charset + MAX_CHARSET));
    return !said.contains("utf-16")
        && !said.contains("utf-32")
        && !said.contains("utf-7")
        && !said.contains("2022")
        && !said.contains("hz-gb")
        && !said.contains("unicode")
        && !said.contains("ucs");
  }

  /// Rewrites a page while it passes: by what it says itself.
  ///
  /// @param url absolute
  /// @param names what its URLs may be given
  /// @return null for what is no page, or none that may be changed
  public @Nullable PageRewriter passing(String url, Fields response, boolean isFull, Names names) {
    if (!isPage(response)) {
      return null;
    }
    PageAddress address = new PageAddress(url);
    Way way = new Way(address, response, isFull, names, null);
    Set<Size> ruled = ScriptPolicy.isStated(response) ? Set.of() : usual.of(url);
    PageRewriter made = rewriter(way, ruled, referrals.read(address, url));
    made.watch(check.witness(url));
    return made;
  }

  /// A page has passed; books what was put into it.
  public void passed(String url, PageRewriter rewriter) {
    learn(url, rewriter);
    count(rewriter.inserted());
  }

  private void learn(String url, PageRewriter read) {
    if (!read.found().isEmpty() || !read.missing().isEmpty()) {
      usual.shown(url, read.found());
    }
  }

  /// Why pages like that one stay as they are, since rewriting has changed what one of them means;
  /// null where they don't.
  public @Nullable String why(String url) {
    return check.why(url);
  }

  /// Whether every page that is to be looked at has been.
  public boolean isChecked() {
    return check.isIdle();
  }

  /// How a page is rewritten.
  ///
  /// @param content of the page where it is known whole
  @SuppressWarnings("ArrayRecordComponent")
  private record Way(
      PageAddress address,
      Fields response,
      boolean isFull,
      Names names,
      byte @Nullable [][] content) {}

  private PageRewriter rewriter(Way way, Set<Size> ruled, Referrals.@Nullable Reading reading) {
    PageRewriter made =
        new PageRewriter(way.address(), pictures::size, way.isFull(), ruled, reading);
    if (!isDeclared(way.response())) {
      made.undeclared();
    }
    Map<String, String> scripts = scripts();
    if (!scripts.isEmpty() && ScriptPolicy.allowsOwn(way.response())) {
      made.begin(scripts);
    }
    made.name(new NamedUrls(way.address(), way.names(), lookups, way.response()));
    if (reading != null) {
      made.hear(lookups.read(way.address()));
    }
    byte[][] content = way.content();
    if (way.isFull() && content != null && !ScriptPolicy.isStated(way.response())) {
      made.critical(
          new CriticalStyles(sheets, way.address(), way.names(), () -> ElementNames.of(content)));
    }
    return made;
  }

  private Map<String, String> scripts() {
    Map<String, String> out = new LinkedHashMap<>();
    if (registers.getAsBoolean()) {
      out.put("worker", ServiceWorker.LINE);
    }
    if (measures.getAsBoolean()) {
      out.put("shown", ShownPictures.LINE);
    }
    return out;
  }

  /// Rewrites a whole page by all that is known.
  ///
  /// @param name of the stored page, to be told when it can be made better
  /// @return null for what is no page, or none that may be changed
  public @Nullable RewrittenPage stored(
      String name, String url, Fields response, boolean isFull, Names names, byte[][] content) {
    if (!isPage(response)) {
      return null;
    }
    PageAddress address = new PageAddress(url);
    Referrals.Reading reading = referrals.read(address, url);
    RewrittenPage out =
        stored(name, url, new Way(address, response, isFull, names, content), reading, content);
    look(url, content, out);
    count(out.inserted());
    return out;
  }

  private void look(String url, byte[][] before, RewrittenPage after) {
    PageCheck.Witness witness = after.inserted().isNothing() ? null : check.witness(url);
    if (witness != null) {
      for (byte[] piece : before) {
        witness.before(piece);
      }
      for (byte[] piece : after.content()) {
        witness.after(piece);
      }
      witness.end();
    }
  }

  private RewrittenPage stored(
      String name, String url, Way way, Referrals.Reading reading, byte[][] content) {
    boolean wereKnown = lookups.areOn(way.address());
    PageRewriter once = rewriter(way, Set.of(), reading);
    Ahead ahead = new Ahead(url, way.response());
    once.look(ahead);
    byte[][] out = run(once, content);
    learn(url, once);
    if (!wereKnown && lookups.areOn(way.address())) {
      // Found behind the sheets that it looks for.
      once = rewriter(way, Set.of(), null);
      out = run(once, content);
    }
    if (ScriptPolicy.isStated(way.response())) {
      return new RewrittenPage(out, once.inserted());
    }
    if (isOn) {
      heads.want(once.missing());
    }
    if (awaits(once.missing(), name)) {
      // Learnt between the question and the waiting: nobody is going to tell.
      once = rewriter(way, Set.of(), null);
      out = run(once, content);
    }
    Ahead.Plan plan = plan(ahead, url, name);
    if (once.found().isEmpty() && plan.isNothing()) {
      return new RewrittenPage(out, once.inserted());
    }
    PageRewriter last = rewriter(way, once.found(), null);
    last.ask(plan);
    out = run(last, content);
    return new RewrittenPage(out, last.inserted());
  }

  /// What to begin with; a page without such a picture waits to be told of one.
  private Ahead.Plan plan(Ahead ahead, String url, String name) {
    if (!measures.getAsBoolean()) {
      return ahead.plan(null, List.of());
    }
    LargestPictures.Likely likely = shown.largest(url);
    List<String> fonts = shown.fonts(url);
    Ahead.Plan plan = ahead.plan(likely, fonts);
    boolean isLate = plan.picture() == null && !shown.awaitLargest(url, name, likely);
    boolean isOther = !shown.awaitFonts(url, name, fonts);
    return isLate || isOther ? ahead.plan(shown.largest(url), shown.fonts(url)) : plan;
  }

  /// Whether one of the pictures is known after all; the page waits for the others.
  private boolean awaits(Set<String> missing, String name) {
    boolean isKnown = false;
    for (String picture : missing) {
      isKnown |= pictures.await(picture, name);
    }
    return isKnown;
  }

  private static byte[][] run(PageRewriter rewriter, byte[][] content) {
    List<byte[]> out = new ArrayList<>(content.length + 1);
    for (byte[] piece : content) {
      add(out, rewriter.feed(piece));
    }
    add(out, rewriter.end());
    return out.toArray(new byte[0][]);
  }

  private static void add(List<byte[]> out, byte[] piece) {
    if (piece.length > 0) {
      out.add(piece);
    }
  }

  private void count(Inserted inserted) {
    if (!inserted.isNothing()) {
      pages.increment();
    }
    lazy.add(inserted.lazy());
    sized.add(inserted.sized());
    first.add(inserted.first());
    named.add(inserted.named());
    critical.add(inserted.critical());
    ahead.add(inserted.ahead());
    if (inserted.gaveUp()) {
      ended.increment();
    }
  }

  /// Something that everybody may have was stored: if it is a picture, its size is known from now
  /// on; if it is a script, whether it looks for style sheets.
  ///
  /// @param url absolute
  public void seen(String url, Fields response, byte[][] content) {
    lookups.seen(url, response, content);
    String type = response.first(FieldName.CONTENT_TYPE);
    if (isFont(type)) {
      shown.learnFont(url);
    }
    boolean isPicture = type != null && type.regionMatches(true, 0, "image/", 0, 6);
    if (!isPicture || response.has(FieldName.CONTENT_ENCODING)) {
      return;
    }
    Size size = PictureReader.size(content);
    if (size != null) {
      learn(url, size);
    }
  }

  /// Or what they were called before they had a kind of their own (RFC 8081).
  private static boolean isFont(@Nullable String type) {
    String lower = type == null ? "" : type.toLowerCase(Locale.ROOT);
    return lower.startsWith("font/")
        || lower.startsWith("application/font-")
        || lower.startsWith("application/x-font-");
  }

  private void learn(String url, Size size) {
    usual.learn(url, size);
    pictures.learn(url, size).forEach(better);
  }

  /// From now on pictures that nobody has loaded are asked for so, to know their size: by a request
  /// for their first octets, and how many are wanted.
  public void reads(BiFunction<RequestHead, Integer, CompletableFuture<PictureHead>> how) {
    heads.by(how);
  }

  /// What is known and done, for people.
  public Map<String, Object> describe() {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("shown", shown.describe());
    out.put("on", isOn);
    out.put("pages", pages.sum());
    out.put("unreadable", ended.sum());
    out.put("pictures", pictures.known());
    out.put("lazy", lazy.sum());
    out.put("sized", sized.sum());
    out.put("first", first.sum());
    out.put("named", named.sum());
    out.put("critical", critical.sum());
    out.put("ahead", ahead.sum());
    out.put("checks", check.describe());
    return out;
  }

  /// Looks at no page any more.
  @Override
  public void close() {
    heads.close();
    check.close();
  }
}
