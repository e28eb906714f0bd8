package dev.freshet.assets;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a browser can begin with before it has read the page: its largest picture, the fonts that
/// its visitors needed, and connections to other sites that its head loads from. All but the fonts
/// are found in the page itself, so nothing is asked for that the page doesn't ask for; [UsedFonts]
/// argues for those.
final class Ahead {
  private static final int MAX_SITES = 3;
  private static final int MAX_PICTURES = 200;
  private static final byte[] SRC = Ascii.octets("src");
  private static final byte[] HREF = Ascii.octets("href");
  private static final byte[] REL = Ascii.octets("rel");
  private static final byte[] CROSSORIGIN = Ascii.octets("crossorigin");
  private static final byte[] TYPE = Ascii.octets("type");
  private static final byte[] NOMODULE = Ascii.octets("nomodule");
  private static final byte[] MEDIA = Ascii.octets("media");
  private static final byte[] DISABLED = Ascii.octets("disabled");
  private static final String MODULE = "module";

  /// What a type is called besides nothing, but for names that nobody has used for long (MIME
  /// Sniffing, section 4.6).
  private static final Pattern JAVASCRIPT =
      Pattern.compile("(?:text|application)/(?:x-)?(?:java|ecma)script");

  private static final Pattern OTHER =
      Pattern.compile("((?:https:)?//[a-z0-9.-]+(?::\\d{1,5})?)(?:[/?#].*)?");

  /// Whose style sheets load from elsewhere, which no browser can know before it has them.
  private static final String FONTS = "//fonts.googleapis.com";

  private static final Site FONT_FILES = new Site("https://fonts.gstatic.com", true);

  private final String own;
  private final String linked;
  private final Set<Site> sites = new LinkedHashSet<>();
  private final Set<String> connected = new HashSet<>();

  /// What the page asks for ahead by itself, as it stands there.
  private final Set<String> preloaded = new HashSet<>();

  private final Map<String, String> pictures = new LinkedHashMap<>();

  /// @param url with or without its scheme
  /// @param isAnonymous whether what is loaded from there is asked for without credentials
  private record Site(String url, boolean isAnonymous) {}

  /// @param page its URL
  Ahead(String page, Fields response) {
    this.own = host(page);
    this.linked = String.join(",", response.all(FieldName.LINK)).toLowerCase(Locale.ROOT);
  }

  /// What is put into the head, and said of it.
  ///
  /// @param picture URL of the one that comes first; null for none
  record Plan(@Nullable String picture, String html, List<String> words) {
    static final Plan NOTHING = new Plan(null, "", List.of());

    boolean isNothing() {
      return words.isEmpty();
    }
  }

  /// A script or link in the head.
  void tag(Tag tag) {
    boolean isScript = tag.element() == Element.SCRIPT;
    String target = tag.value(isScript ? SRC : HREF);
    if (!isScript && lower(tag.value(REL)).contains("preload")) {
      preloaded.add(target == null ? "" : target.strip());
    }
    Matcher site = OTHER.matcher(target == null ? "" : target.strip().toLowerCase(Locale.ROOT));
    if (!tag.isWhole() || !site.matches()) {
      return;
    }
    String rel = lower(tag.value(REL));
    if (rel.contains("preconnect")) {
      connected.add(host(site.group(1)));
    } else if (isScript ? isRun(tag) : rel.equals("stylesheet") && isShown(tag)) {
      sites.add(new Site(site.group(1), isAnonymous(tag, isScript)));
      if (host(site.group(1)).equals(FONTS)) {
        sites.add(FONT_FILES);
      }
    }
  }

  /// Whether browsers of today run the script: one that is marked as something else waits for
  /// somebody's consent, before which nobody may be connected to (HTML, section 4.12.1.1).
  private static boolean isRun(Tag tag) {
    String type = lower(tag.value(TYPE));
    return !tag.has(NOMODULE)
        && (type.isEmpty() || type.equals(MODULE) || JAVASCRIPT.matcher(type).matches());
  }

  private static boolean isShown(Tag tag) {
    String media = lower(tag.value(MEDIA));
    return !tag.has(DISABLED) && (media.isEmpty() || media.equals("all") || media.equals("screen"));
  }

  private static boolean isAnonymous(Tag tag, boolean isScript) {
    boolean isModule = isScript && lower(tag.value(TYPE)).equals(MODULE);
    boolean isWithout = !lower(tag.value(CROSSORIGIN)).equals("use-credentials");
    return isWithout && (isModule || tag.has(CROSSORIGIN));
  }

  private static String lower(@Nullable String value) {
    return value == null ? "" : value.strip().toLowerCase(Locale.ROOT);
  }

  /// Whom nobody else connects to.
  private boolean isNew(Site site) {
    String host = host(site.url());
    return !host.equals(own) && !linked.contains(host) && !connected.contains(host);
  }

  /// Without its scheme and what comes behind the host.
  private static String host(String url) {
    int host = url.indexOf("//");
    int end = url.indexOf('/', host + 2);
    return url.substring(Math.max(0, host), end < 0 ? url.length() : end).toLowerCase(Locale.ROOT);
  }

  /// A picture that loads at once, of which there is one kind only.
  ///
  /// @param src as it stands in the page
  void picture(String url, String src) {
    if (pictures.size() < MAX_PICTURES) {
      pictures.putIfAbsent(url, src);
    }
  }

  /// @param fonts URLs of those that are needed
  Plan plan(LargestPictures.@Nullable Likely likely, List<String> fonts) {
    StringBuilder html = new StringBuilder();
    List<String> words = new ArrayList<>();
    String picture = likely == null ? null : find(likely);
    String src = picture == null ? null : pictures.get(picture);
    if (src != null && src.chars().noneMatch(c -> c == '"' || c >= 0x7f)) {
      html.append(
          "<link rel=\"preload\" as=\"image\" fetchpriority=\"high\" data-freshet=\"ahead\""
              + " href=\"%s\">".formatted(src));
      words.add("preload");
    }
    List<String> needed = fonts.stream().map(this::path).filter(this::isAskedForLate).toList();
    needed.forEach(font ->
        html.append(
            "<link rel=\"preload\" as=\"font\" crossorigin data-freshet=\"ahead\" href=\"%s\">"
                .formatted(font)));
    if (!needed.isEmpty()) {
      words.add("prefont=" + needed.size());
    }
    List<Site> others = sites.stream().filter(this::isNew).limit(MAX_SITES).toList();
    for (Site site : others) {
      html.append("<link rel=\"preconnect\" data-freshet=\"ahead\" href=\"").append(site.url());
      html.append(site.isAnonymous() ? "\" crossorigin>" : "\">");
    }
    if (!others.isEmpty()) {
      words.add("preconnect=" + others.size());
    }
    return new Plan(picture, html.toString(), words);
  }

  /// As pages of the same site may write it; empty for what is of another.
  private String path(String font) {
    int path = font.indexOf('/', font.indexOf("//") + 2);
    return path > 0 && host(font).equals(own) ? font.substring(path) : "";
  }

  /// Whether the page leaves it to its style sheets, and it can be written without doubt.
  private boolean isAskedForLate(String path) {
    return !path.isEmpty()
        && path.chars().allMatch(c -> c > ' ' && c < 0x7f && "\"<>&".indexOf(c) < 0)
        && !linked.contains(path.toLowerCase(Locale.ROOT))
        && preloaded.stream().noneMatch(each -> each.endsWith(path));
  }

  private @Nullable String find(LargestPictures.Likely likely) {
    String url = likely.url();
    if (url != null && pictures.containsKey(url)) {
      return url;
    }
    return pictures.keySet().stream()
        .filter(each -> PageCheck.shape(each).equals(likely.shape()))
        .findFirst()
        .orElse(null);
  }
}
