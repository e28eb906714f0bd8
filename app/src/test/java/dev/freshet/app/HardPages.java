package dev.freshet.app;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/// Pages that are hard to read, and how they are sent: odd markup and encodings, policies, digests,
/// scripts that hold markup. Most load a style sheet and a script that can be given names.
@SuppressWarnings("StringConcatToTextBlock")
final class HardPages {
  /// What a page says in the console, with rewriting and without.
  static final String WORD = "scripts run";

  private static final String TALK = "console.log('" + WORD + "')";

  /// A script of which pages demand a digest.
  static final String OWN = "/* long */ var own = 1; console.log('" + WORD + "');";

  /// A style sheet of which a page demands a digest.
  static final String STYLE = "/* long */ img { width: 70px }";

  static final String PICTURES =
      "<img src=/wide.svg>".repeat(3) + "<p>text</p>" + "<img src=/wide.svg>".repeat(3);

  /// A style sheet that counts and a script, under URLs that are the same whatever is in them.
  static final String NAMED =
      "<link rel=stylesheet href=/named.css><script src=/named.js></script>";

  static final String SHEET =
      "p { margin-top: 13px } b, section, .card > p { letter-spacing: 1px } i { top: 0 }"
          + ".far .away { margin: 9px; color: red }".repeat(60);

  static final String LIST = "<img src=/wide.svg width=80 height=200>".repeat(9);

  private HardPages() {}

  private static String page(String head, String body) {
    return "<!doctype html><html><head><title>t</title>"
        + NAMED
        + head
        + "</head><body>"
        + body
        + "<!--"
        + "x".repeat(500)
        + "-->";
  }

  /// By name, the largest first, as it takes longest; what every one of them does is looked for
  /// nowhere else in the tests of `assets`.
  static Map<String, String> all() {
    Map<String, String> all = new LinkedHashMap<>();
    String paragraph = "<p>" + "words ".repeat(80) + "</p>";
    // To lay out all of it would take longer than everything else.
    all.put(
        "large",
        page(
            "",
            paragraph.repeat(200) + "<div hidden>" + paragraph.repeat(10_600) + "</div>" + LIST));
    laidOut(all);
    marked(all);
    mixed(all);
    encoded(all);
    guarded(all);
    all.putAll(OddPages.all(LIST, PICTURES, digest(OWN), TALK));
    return all;
  }

  /// Where pictures without sizes stand by rules of the page.
  private static void laidOut(Map<String, String> all) {
    all.put("list", page("", LIST));
    all.put("natural", page("", PICTURES));
    all.put("narrow", page("<style>img{max-width:100%}</style>", PICTURES));
    all.put("onlywidth", page("<style>img{width:120px}</style>", PICTURES));
    all.put("onlyheight", page("<style>img{height:50px}</style>", PICTURES));
    all.put("column", page("<style>body{display:flex;flex-direction:column}</style>", PICTURES));
    all.put("row", page("<style>body{display:flex}img{min-width:0}</style>", PICTURES));
    all.put(
        "grid", page("<style>body{display:grid;grid-template-columns:1fr 2fr}</style>", PICTURES));
    all.put(
        "layers",
        page("<style>@layer base{img{max-width:100%;height:auto;width:33%}}</style>", PICTURES));
    all.put(
        "ratio", page("<style>img{aspect-ratio:1;width:90px;object-fit:cover}</style>", PICTURES));
  }

  /// Markup that is wrong, or stands where it means nothing.
  private static void marked(Map<String, String> all) {
    all.put(
        "broken", page("", "<table><p>x<img src=/wide.svg><tr><td></b></i><a><a><div></p>" + LIST));
    all.put(
        "quotes", page("", "<p title='<img src=x>' class=a\"b'c <q>" + LIST + "<a href=\"</a>\">"));
    all.put(
        "scripts",
        page(
            "<script>var a = '<img src=x>', b = '<\\/script>';"
                + " if (1 < 2 && a) { b = '<!--<b>'; }</script>",
            "<script>console.log('"
                + WORD
                + "'); document.write('<img src=/wide.svg width=80 height=200>'.repeat(6))</script>"
                + LIST));
    // What looks like an end tag ends a script where a space, a slash or a bracket follows only.
    all.put(
        "ends",
        page(
            "<script>var a = '</script' + '>', b = \"</scripts>\", c = '< /script>',"
                + " d = `</script`, e = /<\\/script>/, f = '</script\u00a0>'; "
                + TALK
                + "; // </script,\n</script ignored='>'><script>document.write("
                + "'<script>document.title = 1</script' + '>');</script\n>"
                + "<style>/* </style, </style' */ p{margin:3px}</style\t>",
            "<script type=application/json>{\"a\": \"</script\\u003e <\\/script>\"}</script>"
                + "<textarea></textarea, </textarea</textarea><script>// <!-- <script\n"
                + "var g = '</script>'; // -->\n</script>"
                + LIST
                + "<script>var h = 'never ended</script'; <img src=/wide.svg>"));
    all.put(
        "template",
        page("", "<template>" + LIST + "</template>" + LIST + "<noscript>" + LIST + "</noscript>"));
  }

  /// What is read by other rules than HTML.
  private static void mixed(Map<String, String> all) {
    all.put(
        "svg",
        page(
            "",
            "<svg width=9 height=9><title>a</title><style><![CDATA[ a>b{} ]]></style>"
                + "<path d='M0 0'/></svg>"
                + LIST
                + "<svg><foreignObject><p>a</p></foreignObject></svg><math><mi>x</mi></math>"
                + LIST));
    all.put(
        "comments",
        page(
            "<!--><!---><!-- -- > <img src=x> --!><![CDATA[<b>]]>",
            LIST + "<!--[if IE]>" + LIST + "<![endif]-->"));
    all.put(
        "text",
        page(
            "",
            "<textarea>"
                + LIST
                + "</textarea><xmp>"
                + LIST
                + "</xmp>"
                + LIST
                + "<plaintext>"
                + LIST));
    all.put("headless", LIST + "<p>" + "y".repeat(600));
    all.put("amp", "<!doctype html><html amp><head></head>" + LIST + "y".repeat(600));
    all.put("select", page("", "<select><option>a<option>b</select>" + LIST));
  }

  /// In encodings of which not every octet means what it does in ASCII.
  private static void encoded(Map<String, String> all) {
    all.put("cyrillic", page("", "<p>Привет</p>" + LIST));
    all.put("declared", page("<meta charset=windows-1251>", PICTURES + "<p title='Ы'>Привет</p>"));
    // Its second octet is a backslash.
    all.put("japanese", page("", "<p title=\"表\">表<b>\u30bd</b></p>" + LIST));
    all.put("utf16", page("", "<p>text</p>" + LIST));
    all.put("gbk", page("", "<p title=\"\u8aa0\">\u8aa0<b>\u4f60\u597d</b></p>" + LIST));
    all.put("big5", page("", "<p title='\u529f'>\u529f<i>\u4f60\u597d</i></p>" + PICTURES));
    all.put("iso2022", page("", "<p>\u65e5\u672c</p>" + LIST));
    all.put("marked", "\ufeff" + page("", "<p>text</p>" + LIST));
  }

  /// Pages that say what may be loaded, or in which octets.
  private static void guarded(Map<String, String> all) {
    all.put("nonce", page("<script nonce=abc>" + TALK + "</script>", LIST));
    all.put("hashed", page("<script>" + TALK + "</script><script>refused()</script>", PICTURES));
    all.put(
        "policy",
        page(
            "<meta http-equiv=Content-Security-Policy content=\"default-src 'self'; script-src"
                + " 'nonce-abc'\"><script nonce=abc>"
                + TALK
                + "</script>",
            PICTURES));
    all.put("digest", page("<script src=/own.js integrity=" + digest(OWN) + "></script>", LIST));
    all.put(
        "escaped",
        page(
            "<script><!--\nvar a = '<script>'; if (a) { console.log('"
                + WORD
                + "'); }</script> <img src=x> //--></script>",
            LIST));
    all.put("flash", "<!doctype html><html \u26a1><head></head>" + LIST + "y".repeat(600));
    all.put(
        "dynamic", page("<script nonce=abc>" + TALK + "</script><base href=/plain/x/>", PICTURES));
    all.put(
        "sealed",
        page("<link rel=stylesheet integrity=" + digest(STYLE) + " href=/own.css>", PICTURES));
    all.put("twice", page("", LIST) + page("<style>p{color:red}</style>", PICTURES));
    all.put(
        "mapped",
        page(
            "<script type=importmap>{\"imports\": {\"own\": \"/own.js\"}}</script>"
                + "<script type=module>import 'own';</script>",
            "<iframe srcdoc='<script>1</script><img src=/wide.svg>'></iframe>" + LIST));
    all.put(
        "xhtml",
        "<html xmlns='http://www.w3.org/1999/xhtml'><head><title>t</title></head><body>"
            + "<script><![CDATA[ if (1 < 2 && '<img/>') console.log('"
            + WORD
            + "'); ]]></script>"
            + LIST.replace(" width=80 height=200>", "/>").replace("=/wide.svg", "='/wide.svg'")
            + "<p>"
            + "z".repeat(600)
            + "</p></body></html>");
  }

  /// Of those that are not in UTF-8.
  private static final Map<String, Charset> UNUSUAL =
      Map.of(
          "cyrillic", Charset.forName("windows-1251"),
          "declared", Charset.forName("windows-1251"),
          "japanese", Charset.forName("Shift_JIS"),
          "gbk", Charset.forName("GBK"),
          "big5", Charset.forName("Big5"),
          "iso2022", Charset.forName("ISO-2022-JP"),
          "marked", StandardCharsets.UTF_16LE,
          "utf16", StandardCharsets.UTF_16);

  private static final Map<String, String> TYPES =
      Map.of(
          "cyrillic", "Content-Type: text/html; charset=windows-1251",
          "declared", "Content-Type: text/html",
          "japanese", "Content-Type: text/html; charset=shift_jis",
          "gbk", "Content-Type: text/html; charset=gbk",
          "big5", "Content-Type: text/html; charset=big5",
          "iso2022", "Content-Type: text/html; charset=iso-2022-jp",
          "marked", "Content-Type: text/html",
          "utf16", "Content-Type: text/html; charset=utf-16",
          "xhtml", "Content-Type: application/xhtml+xml");

  static byte[] octets(String name, String text) {
    return text.getBytes(UNUSUAL.getOrDefault(name, StandardCharsets.UTF_8));
  }

  /// What it is sent with. The largest has a tag, which is made here for smaller ones only.
  static String[] fields(String name) {
    String html = "Content-Type: text/html; charset=utf-8";
    String tag = name.equals("large") ? "ETag: \"large\"" : "X-Tag: none";
    return new String[] {TYPES.getOrDefault(name, html), policy(name), tag};
  }

  private static String digest(String text) {
    try {
      byte[] octets = text.getBytes(StandardCharsets.UTF_8);
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(octets);
      return "sha256-" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String policy(String name) {
    return switch (name) {
      case "dynamic" ->
          "Content-Security-Policy: script-src 'nonce-abc' 'strict-dynamic';"
              + " require-trusted-types-for 'script'";
      case "nonce" -> "Content-Security-Policy: default-src 'self'; script-src 'nonce-abc'";
      case "hashed" ->
          "Content-Security-Policy: script-src '" + digest("console.log('" + WORD + "')") + "'";
      default -> "X-Policy: none";
    };
  }
}
