package dev.freshet.assets;

import dev.freshet.http.Caller;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.OwnResource;
import dev.freshet.http.OwnText;
import dev.freshet.http.OwnText.Text;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import dev.freshet.http.Talk;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// How many pixels of a picture a request needs: learnt from a script that browsers run in the
/// site's pages, by page and width of the window, which both of them tell with each request for a
/// picture (Client Hints; the Responsive Image Client Hints of the WICG).
///
/// A page's HTML says nothing of its pictures' sizes that could be read without its styles, and
/// saying it there (`srcset`, `sizes`) would change how large the page takes them for.
public final class ShownPictures {
  /// What is put into pages.
  static final String LINE = "<script src=\"/.freshet/shown.js\" async></script>";

  /// What browsers are asked to tell, from the page's own pictures on.
  static final String HINTS = "Sec-CH-Viewport-Width, Sec-CH-DPR";

  private static final String SCRIPT = "/.freshet/shown.js";
  private static final String REPORT = "/.freshet/shown";
  private static final FieldName WINDOW = FieldName.of("Sec-CH-Viewport-Width");
  private static final FieldName DENSITY = FieldName.of("Sec-CH-DPR");
  private static final FieldName MOBILE = FieldName.of("Sec-CH-UA-Mobile");
  private static final FieldName DEST = FieldName.of("Sec-Fetch-Dest");
  private static final FieldName MODE = FieldName.of("Sec-Fetch-Mode");
  private static final FieldName SITE = FieldName.of("Sec-Fetch-Site");
  private static final FieldName CDN_LOOP = FieldName.of("CDN-Loop");

  /// What a mobile browser takes for its window's width until it has read the page's own word on
  /// it: it asks for the first pictures before that.
  private static final int UNREAD = 980;

  /// While so few reports came every page sends its own, later one in some.
  private static final int MANY_REPORTS = 20_000;

  private static final String SHARE = "0.05";
  private static final int MAX_SIDE = 20_000;

  /// What screens have, so that nobody has pictures made in more widths than are shown.
  private static final int MAX_DENSITY = 4;

  /// Steps for each pixel to a CSS pixel.
  private static final int DENSITIES = 4;

  private static final int MAX_REPORTED = 60;
  private static final int MAX_QUERY = 6_000;

  /// How a report begins that tells of the largest picture.
  private static final String LARGEST = "largest=";

  /// How its part begins that tells of the fonts.
  private static final String FONTS = "fonts=";

  private static final Fields DONE =
      Fields.of("Content-Type", "text/plain; charset=utf-8", "Cache-Control", "no-store");

  private final ShownWidths widths;
  private final LargestPictures largest = new LargestPictures();
  private final UsedFonts fonts = new UsedFonts();
  private final Consumer<String> better;
  private final String script;

  /// @param nanos a clock that only goes on
  /// @param better told of a stored page that can be made better now
  ShownPictures(LongSupplier nanos, Consumer<String> better) {
    this.better = better;
    widths = new ShownWidths(nanos);
    try (InputStream in = ShownPictures.class.getResourceAsStream("shown.js")) {
      if (in == null) {
        throw new IllegalStateException("shown.js is not in the program");
      }
      script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The script, and where it reports to, by path.
  public Map<String, OwnResource> resources() {
    return Map.of(SCRIPT, new OwnText(head -> script()), REPORT, this::reported);
  }

  private Text script() {
    String share = widths.reports() < MANY_REPORTS ? "1" : SHARE;
    return Text.of(
        "text/javascript; charset=utf-8", "public, max-age=300", script.replace("SHARE", share));
  }

  private Talk reported(RequestHead head, Caller caller) {
    boolean isReport = head.method().equals("POST");
    if (isReport) {
      report(head);
    }
    Fields fields = DONE.copy();
    if (!isReport) {
      fields.add(FieldName.of("Allow"), "POST");
    }
    caller.head(new ResponseHead(isReport ? 200 : 405, fields), 0);
    caller.end();
    return new Talk() {};
  }

  /// Never more than a script of the site itself may say of its own page's pictures: what somebody
  /// writes into a page (a picture, a form, a link with `ping` or `rel=preload`) makes no such
  /// request.
  private void report(RequestHead head) {
    Fields request = head.fields();
    String page = request.first(FieldName.REFERER);
    int window = (int) number(request.first(WINDOW), MAX_SIDE);
    boolean isOfScript =
        "empty".equals(request.first(DEST))
            && "cors".equals(request.first(MODE))
            && "same-origin".equals(request.first(SITE));
    if (isOfScript && page != null && isOf(head.authority(), page) && window > 0) {
      int unread = unread(request);
      List<Integer> windows = unread == 0 ? List.of(window) : List.of(window, unread);
      widths.report(page, windows, told(head));
      largest(page, head);
      fonts(page, head);
    }
  }

  private void fonts(String page, RequestHead head) {
    if (head.query().length() > MAX_QUERY) {
      return;
    }
    for (String part : head.query().split("&", 3)) {
      if (part.startsWith(FONTS)) {
        List<String> told =
            Arrays.stream(part.substring(FONTS.length()).split(",", UsedFonts.MOST + 1))
                .limit(UsedFonts.MOST)
                .map(coded -> coded.isEmpty() ? null : own(head, coded))
                .filter(Objects::nonNull)
                .toList();
        fonts.report(page, told).forEach(better);
        return;
      }
    }
  }

  /// Something was sent to everybody as a font.
  ///
  /// @param url absolute
  void learnFont(String url) {
    fonts.learn(url);
  }

  /// URLs of the fonts that browsers need of that page at first; none while that is not known.
  ///
  /// @param page its URL
  List<String> fonts(String page) {
    return fonts.of(page);
  }

  /// Has a stored page told to `better` when it needs other fonts.
  ///
  /// @param name of the stored page
  /// @param made what it was made with
  /// @return false where that is so already
  boolean awaitFonts(String page, String name, List<String> made) {
    return fonts.await(page, name, made);
  }

  private void largest(String page, RequestHead head) {
    String told = head.query();
    if (told.length() <= MAX_QUERY && told.startsWith(LARGEST)) {
      int end = told.indexOf('&');
      String picture = own(head, told.substring(LARGEST.length(), end < 0 ? told.length() : end));
      if (picture != null) {
        largest.report(page, picture).forEach(better);
      }
    }
  }

  /// The picture that most browsers told of as the largest thing they saw of that page; null while
  /// that is not known.
  ///
  /// @param page its URL
  LargestPictures.@Nullable Likely largest(String page) {
    return largest.of(page);
  }

  /// Has a stored page in which no such picture was found told to `better` when another is known.
  ///
  /// @param name of the stored page
  /// @param made what it was made by
  /// @return false where another is known already
  boolean awaitLargest(String page, String name, LargestPictures.@Nullable Likely made) {
    return largest.await(page, name, made);
  }

  /// Stands for the windows of all mobile browsers with that density, of which one has not read yet
  /// how wide it is; 0 for any other.
  private static int unread(Fields request) {
    boolean isMobile = "?1".equals(request.first(MOBILE));
    double density = density(request);
    return isMobile ? (int) Math.round(-100 * density) : 0;
  }

  /// The next of the steps from 1 on; 0 for any other.
  private static double density(Fields request) {
    double density = number(request.first(DENSITY), MAX_DENSITY);
    return density >= 1 ? Math.ceil(density * DENSITIES) / DENSITIES : 0;
  }

  private static boolean isOf(String authority, String page) {
    int begin = page.indexOf("://");
    return begin > 0 && page.startsWith(authority + "/", begin + 3);
  }

  /// Each picture once, however often it is named: a report is one.
  private static Map<String, Integer> told(RequestHead head) {
    Map<String, Integer> out = new HashMap<>();
    String told = head.query();
    if (told.length() <= MAX_QUERY) {
      String[] all = told.split("&", MAX_REPORTED + 1);
      for (int i = 0; i < Math.min(all.length, MAX_REPORTED); i++) {
        put(out, head, all[i]);
      }
    }
    return out;
  }

  /// `346=/photos/1.jpg`, coded as in a query.
  private static void put(Map<String, Integer> out, RequestHead head, String told) {
    int sign = told.indexOf('=');
    double width = sign < 0 ? 0 : number(told.substring(0, sign), MAX_SIDE);
    String picture = width > 0 ? own(head, told.substring(sign + 1)) : null;
    if (picture != null) {
      out.merge(picture, (int) Math.ceil(width), Math::max);
    }
  }

  /// A URL of the same site, null for what is none.
  private static @Nullable String own(RequestHead head, String coded) {
    try {
      String path = URLDecoder.decode(coded, StandardCharsets.UTF_8);
      return path.startsWith("/") ? head.scheme() + "://" + head.authority() + path : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /// The width in pixels, of those that pictures are made in, that is enough for that request; 0
  /// where it can't be told, and for one that came through a cache, which may heed no `Vary`.
  ///
  /// @param url absolute, of the picture
  int width(String url, Fields request) {
    String window = request.first(WINDOW);
    String page = request.first(FieldName.REFERER);
    if (window == null || page == null || !isForPage(request)) {
      return 0;
    }
    double density = density(request);
    int wide = (int) number(window, MAX_SIDE);
    int unread = wide == UNREAD ? unread(request) : 0;
    int width = widths.width(page, unread == 0 ? wide : unread, url);
    return width == 0 || density == 0 ? 0 : PictureTask.atLeast(width * density);
  }

  /// What a script reads octet by octet (`cors`) it gets as it is.
  private static boolean isForPage(Fields request) {
    return "image".equals(request.first(DEST))
        && "no-cors".equals(request.first(MODE))
        && "same-origin".equals(request.first(SITE))
        && !request.has(FieldName.VIA)
        && !request.has(CDN_LOOP);
  }

  /// 0 for what is no number between 0 and that.
  private static double number(@Nullable String text, double most) {
    boolean isShort = text != null && !text.isEmpty() && text.length() < 20;
    if (text == null || !isShort || !text.chars().allMatch(c -> c == '.' || Character.isDigit(c))) {
      return 0;
    }
    try {
      double number = Double.parseDouble(text);
      return number <= most ? number : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /// For people.
  Map<String, Object> describe() {
    return Map.of("known", widths.known(), "reports", widths.reports());
  }
}
