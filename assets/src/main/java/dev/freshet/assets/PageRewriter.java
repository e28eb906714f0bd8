package dev.freshet.assets;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Puts into a page, while it passes, what lets a browser show it sooner; takes nothing out.
///
/// Pictures and frames beyond the first few wait until somebody scrolls near them, but only those
/// whose place is kept, so that nothing jumps when they come. The first large picture is asked for
/// before the others. Where the sizes of pictures are known their places are kept, see
/// [KeptPlaces].
public final class PageRewriter {
  /// So many pictures and frames may be in view at first.
  private static final int IN_VIEW = 4;

  /// Different pictures of a page whose size is awaited.
  private static final int MAX_MISSING = 200;

  private static final byte[] SRC = Ascii.octets("src");
  private static final byte[] SRCSET = Ascii.octets("srcset");
  private static final byte[] LOADING = Ascii.octets("loading");
  private static final byte[] DECODING = Ascii.octets("decoding");
  private static final byte[] WIDTH = Ascii.octets("width");
  private static final byte[] HEIGHT = Ascii.octets("height");
  private static final byte[] FETCHPRIORITY = Ascii.octets("fetchpriority");
  private static final byte[] CROSSORIGIN = Ascii.octets("crossorigin");
  private static final byte[] ONLOAD = Ascii.octets("onload");
  private static final byte[] DATA_SRC = Ascii.octets("data-src");
  private static final byte[] DATA_LAZY = Ascii.octets("data-lazy");
  private static final byte[] AMP = Ascii.octets("amp");
  private static final byte[] AMP4 = Ascii.octets("amp4");
  private static final byte[] AMP_SIGN = {(byte) 0xe2, (byte) 0x9a, (byte) 0xa1};
  private static final byte[] CHARSET = Ascii.octets("charset");
  private static final byte[] HTTP_EQUIV = Ascii.octets("http-equiv");
  private static final byte[] CONTENT = Ascii.octets("content");
  private static final byte[] HREF = Ascii.octets("href");

  private static final byte[] PUT_LAZY = Ascii.octets(" loading=\"lazy\"");
  private static final byte[] PUT_ASYNC = Ascii.octets(" decoding=\"async\"");
  private static final byte[] PUT_FIRST = Ascii.octets(" fetchpriority=\"high\"");

  private final PageAddress address;
  private final Function<String, @Nullable Size> sizes;
  private final boolean isFull;
  private final Set<Size> ruled;
  private byte[] line = new byte[0];
  private List<String> scripts = List.of();
  private final Referrals.@Nullable Reading reading;
  private @Nullable NamedUrls named;
  private @Nullable CriticalStyles critical;
  private @Nullable Ahead ahead;
  private Ahead.Plan plan = Ahead.Plan.NOTHING;
  private PageCheck.@Nullable Witness witness;
  private SheetLookups.@Nullable Reading scripting;
  private final HeadPlace head = new HeadPlace();
  private final HtmlScanner scanner = new HtmlScanner(this::tag, this::script);
  private final Set<Size> found = new LinkedHashSet<>();
  private final Set<String> missing = new LinkedHashSet<>();
  private boolean isBegun;
  private boolean isBased;
  private boolean isRuled;
  private boolean hasFirst;
  private boolean gaveUp;
  private int seen;
  private int lazy;
  private int sized;
  private int first;
  private int namedUrls;
  private int criticals;

  /// @param sizes of pictures, by absolute URL; null for one that is not known
  /// @param isFull whether pictures whose place is not kept may wait too
  /// @param ruled the sizes for which the page gets rules; empty for none
  public PageRewriter(
      PageAddress address,
      Function<String, @Nullable Size> sizes,
      boolean isFull,
      Set<Size> ruled) {
    this(address, sizes, isFull, ruled, null);
  }

  /// @param reading learns what the page says of its style sheets and scripts; null when that is
  ///   known
  PageRewriter(
      PageAddress address,
      Function<String, @Nullable Size> sizes,
      boolean isFull,
      Set<Size> ruled,
      Referrals.@Nullable Reading reading) {
    this.reading = reading;
    this.address = address;
    this.sizes = sizes;
    this.isFull = isFull;
    this.ruled = ruled;
  }

  /// Puts scripts in front of everything else in the page's head (see [HeadPlace]).
  ///
  /// @param html of each, by a word for it
  void begin(Map<String, String> html) {
    line = Ascii.octets(String.join("", html.values()));
    scripts = List.copyOf(html.keySet());
  }

  /// The response doesn't say how the page is encoded.
  void undeclared() {
    head.undeclared();
  }

  /// Puts in what the page needs of its style sheets.
  void critical(CriticalStyles styles) {
    critical = styles;
  }

  /// Has URLs name their content.
  void name(NamedUrls urls) {
    named = urls;
  }

  /// Has somebody see what could be asked for ahead.
  void look(Ahead who) {
    ahead = who;
  }

  /// Asks for that ahead.
  void ask(Ahead.Plan told) {
    plan = told;
  }

  /// Has somebody read the scripts within the page.
  void hear(SheetLookups.Reading who) {
    scripting = who;
  }

  /// Has somebody look on.
  void watch(PageCheck.@Nullable Witness who) {
    witness = who;
  }

  /// The next piece of the page; gives what can be passed on, which may be that piece itself.
  public byte[] feed(byte[] piece) {
    if (reading != null) {
      reading.feed(piece);
    }
    byte[] out = scanner.feed(piece);
    if (reading != null && scanner.hasGivenUp()) {
      reading.gaveUp();
    }
    if (witness != null) {
      witness.before(piece);
      witness.after(out);
    }
    return out;
  }

  /// What was held back; after the last piece.
  public byte[] end() {
    gaveUp = scanner.hasGivenUp();
    if (reading != null) {
      reading.end();
    }
    byte[] rest = scanner.end();
    if (witness != null && !inserted().isNothing()) {
      witness.after(rest);
      witness.end();
    }
    return rest;
  }

  /// What was put in so far.
  public Inserted inserted() {
    List<String> more = new ArrayList<>(isBegun ? scripts : List.of());
    more.addAll(isRuled ? plan.words() : List.of());
    if (isRuled && sized == 0 && !ruled.isEmpty()) {
      more.add("rules");
    }
    return new Inserted(lazy, sized, first, namedUrls, criticals, more, gaveUp);
  }

  /// Sizes of pictures in the page that were known.
  Set<Size> found() {
    return found;
  }

  /// Pictures of this site whose size was not known, the first of them.
  Set<String> missing() {
    return missing;
  }

  private void tag(Tag tag) {
    head.see(tag);
    switch (tag.element()) {
      case HTML -> {
        // An AMP page may hold nothing that its validator doesn't know.
        if (tag.has(AMP) || tag.has(AMP_SIGN) || tag.hasAny(AMP4)) {
          scanner.giveUp();
        }
      }
      case HEAD -> beginning(tag);
      case BASE -> isBased |= tag.has(HREF);
      case META -> {
        encoding(tag);
        if (named != null && "content-security-policy".equalsIgnoreCase(tag.value(HTTP_EQUIV))) {
          named.policy();
        }
        if (!scanner.hasGivenUp()) {
          beginning(tag);
        }
      }
      case SCRIPT, LINK -> {
        if (reading != null && !isBased) {
          reading.tag(tag);
        }
        if (named != null && !isBased && head.isFree()) {
          named(tag, named.tag(tag));
        }
        if (ahead != null && !isBased && !head.isOver()) {
          ahead.tag(tag);
        }
      }
      case IMG -> picture(tag);
      case IFRAME -> frame(tag);
      default -> {}
    }
  }

  private void script(byte[] data, int from, int to) {
    if (scripting != null) {
      scripting.feed(data, from, to);
    }
  }

  private void named(Tag tag, @Nullable String behind) {
    if (behind != null) {
      namedUrls++;
      boolean isSheet = tag.element() == Element.LINK && !head.isOver();
      if (isSheet && critical != null && critical.tag(tag, behind)) {
        criticals++;
      }
    }
  }

  private void beginning(Tag tag) {
    if (line.length > 0 && !isBegun && head.takesScripts()) {
      isBegun = true;
      tag.follow(line);
    }
    if (head.takesRules()) {
      rules(tag);
    }
  }

  /// Encodings that are not ASCII where they look like it.
  private void encoding(Tag tag) {
    String charset = tag.value(CHARSET);
    String content = tag.value(CONTENT);
    String said = ((charset == null ? "" : charset) + (content == null ? "" : content));
    String lower = said.toLowerCase(Locale.ROOT);
    if (lower.contains("iso-2022") || lower.contains("hz-gb")) {
      scanner.giveUp();
    }
  }

  private void rules(Tag tag) {
    if (!isRuled && !(ruled.isEmpty() && plan.isNothing())) {
      isRuled = true;
      tag.follow(Ascii.octets(plan.html()));
      if (!ruled.isEmpty()) {
        tag.follow(Ascii.octets(KeptPlaces.html(ruled)));
      }
    }
  }

  private void picture(Tag tag) {
    String src = tag.value(SRC);
    boolean isData = src != null && src.strip().regionMatches(true, 0, "data:", 0, 5);
    boolean isNone = (src == null || src.isBlank()) && !tag.has(SRCSET);
    // A script of the page's own brings it.
    boolean isScripted = tag.hasAny(DATA_SRC) || tag.hasAny(DATA_LAZY);
    hasFirst |= tag.has(FETCHPRIORITY);
    if (isData || isNone || isScripted) {
      return;
    }
    Size stated = stated(tag);
    boolean isFixed = tag.has(WIDTH) || tag.has(HEIGHT);
    Size known = stated != null || src == null ? stated : known(src, tag);
    boolean isKept = stated != null || (known != null && !isFixed && keep(tag, known));
    if (known != null && known.isIcon()) {
      return;
    }
    seen++;
    if (isLargest(src, tag)) {
      prefer(tag);
    } else if (seen > IN_VIEW) {
      if ((isKept || isFull) && !tag.has(LOADING) && !tag.has(ONLOAD)) {
        wait(tag);
        if (!tag.has(DECODING)) {
          tag.put(PUT_ASYNC);
        }
      }
    } else if (!hasFirst && plan.picture() == null && known != null && known.isLarge()) {
      prefer(tag);
    }
  }

  /// Whether it is the picture that browsers told of.
  private boolean isLargest(@Nullable String src, Tag tag) {
    if (src == null || (plan.picture() == null && ahead == null)) {
      return false;
    }
    boolean isChosen = isBased || tag.has(SRCSET) || scanner.surroundings().isInPicture();
    if (isChosen || tag.has(CROSSORIGIN) || tag.has(LOADING)) {
      return false;
    }
    String url = address.resolve(src);
    if (url != null && ahead != null) {
      ahead.picture(url, src);
    }
    return url != null && url.equals(plan.picture());
  }

  private void prefer(Tag tag) {
    if (!tag.has(LOADING) && !tag.has(FETCHPRIORITY)) {
      tag.put(PUT_FIRST);
      first++;
    }
    hasFirst = true;
  }

  private void wait(Tag tag) {
    tag.put(PUT_LAZY);
    lazy++;
  }

  /// What the page itself says.
  private static @Nullable Size stated(Tag tag) {
    int width = pixels(tag, WIDTH);
    int height = pixels(tag, HEIGHT);
    return width > 0 && height > 0 ? new Size(width, height) : null;
  }

  private static int pixels(Tag tag, byte[] name) {
    int plain = tag.digits(name);
    return plain >= 0 ? plain : pixels(tag.value(name));
  }

  private static int pixels(@Nullable String value) {
    String bare = value == null ? "" : value.strip();
    if (bare.length() >= 6) {
      return 0;
    }
    int number = 0;
    for (int i = 0; i < bare.length(); i++) {
      int digit = bare.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return 0;
      }
      number = number * 10 + digit;
    }
    return number;
  }

  /// What is known of the picture that the browser will take: where there is a choice, nothing.
  private @Nullable Size known(String src, Tag tag) {
    if (isBased || tag.has(SRCSET) || scanner.surroundings().isInPicture()) {
      return null;
    }
    String url = address.resolve(src);
    if (url == null) {
      return null;
    }
    Size size = sizes.apply(url);
    if (size == null) {
      if (missing.size() < MAX_MISSING) {
        missing.add(url);
      }
    } else if (found.size() < KeptPlaces.MAX_SIZES) {
      found.add(size);
    }
    return size;
  }

  private boolean keep(Tag tag, Size size) {
    if (!isRuled || !ruled.contains(size)) {
      return false;
    }
    tag.put(Ascii.octets(" data-freshet=\"" + KeptPlaces.mark(size) + "\""));
    sized++;
    return true;
  }

  private void frame(Tag tag) {
    String src = tag.value(SRC);
    Size stated = stated(tag);
    if (src == null || src.isBlank() || src.startsWith("about:") || stated == null) {
      return;
    }
    seen++;
    if (seen > IN_VIEW && !stated.isIcon() && !tag.has(LOADING) && !tag.has(ONLOAD)) {
      wait(tag);
    }
  }
}
