package dev.freshet.app;

import java.util.LinkedHashMap;
import java.util.Map;

/// Pages that few write and many send: what stands in one place and means something in another,
/// what is new in HTML and CSS, and what no browser minds although it is wrong.
final class OddPages {
  /// Relative, so that each way has one of its own, and what was minified is met by what was not.
  static final String SHEET =
      """
      @charset "utf-8";
      @import url("more.css") layer(base) supports(display: grid);
      @layer base, theme;
      /* comment { */
      @layer theme { img { width: 90px; & + img { width: calc(10px + (2 * 30px)); } } }
      @container list (width > 300px) { section > img { width: 44px; height: 22px } }
      section { container: list / inline-size; --raw:  a  b ; }
      section:is(.a, :where(#b)) img:not([alt]):nth-child(2n + 1 of img) { margin-left: 7px }
      @media (400px <= width <= 900px) { img { border-bottom: .5em solid #aabbcc } }
      @supports selector(:has(a)) { section:has(> p) { padding-top: 13px } }
      @property --wide { syntax: "<length>"; inherits: false; initial-value: 0px }
      p::before { content: "/* } \\201C" ; width: max(1px, 3 * 2px) }
      """;

  static final String MORE = "img { width: 500px; outline: 1px solid }  /* later */";

  private OddPages() {}

  /// By name.
  ///
  /// @param list pictures that are given something
  /// @param pictures without sizes, by the address `/wide.svg`
  /// @param digest what a page demands of `/own.js`
  /// @param talk a script that says something
  static Map<String, String> all(String list, String pictures, String digest, String talk) {
    Map<String, String> all = new LinkedHashMap<>();
    referring(all, list, pictures, digest);
    scoped(all, list, pictures, talk);
    counted(all, list, digest);
    wrong(all, list);
    return all;
  }

  /// What stands here and means something there.
  private static void referring(
      Map<String, String> all, String list, String pictures, String digest) {
    all.put("based", page("<base href='/plain/deep/' target=_top>", pictures));
    all.put(
        "chosen",
        page(
            "",
            "<picture><source media='(min-width: 900px)' srcset=/none.svg><source type=image/x-no"
                + " srcset='/none.svg 2x'><img src=/wide.svg></picture>"
                + "<img srcset=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'"
                + " width='9' height='9'/%3E 1x, /wide.svg 3x\" src=/wide.svg>".repeat(6)
                + list));
    all.put(
        "scriptless",
        page(
            "<noscript><link rel=stylesheet href=none.css><style>img{width:9px}</style>"
                + "<meta http-equiv=refresh content='0;url=/none'></noscript>"
                + "<noscript><img src=/none.svg></noscript>",
            pictures));
    all.put(
        "modules",
        page(
            "<link rel=modulepreload href=/own.js><script type=module async>import '/own.js';"
                + " await 0;</script>",
            list));
    all.put(
        "pinned",
        page(
            "<script type=importmap>{\"imports\": {\"own\": \"/own.js\"}, \"integrity\":"
                + " {\"/own.js\": \""
                + digest
                + "\"}}</script><script type=module>import 'own';</script>",
            list));
  }

  /// What counts within its own bounds only.
  private static void scoped(Map<String, String> all, String list, String pictures, String talk) {
    all.put(
        "modern",
        page("<link rel=stylesheet href=odd/modern.css>", "<section class=a><p>x</p>" + pictures));
    all.put(
        "shadow",
        page(
            "",
            "<div><template shadowrootmode=open><style>img{width:30px}</style><slot></slot>"
                + list
                + "</template><img src=/wide.svg></div>"
                + pictures));
    all.put(
        "foreign",
        page(
            "<svg><style>p > img { width: 9px } <!-- </style> --></style></svg>",
            "<svg><script>var a = '<b>', s = 1 &lt; 2;</script><style>img{width:60px}</style>"
                + "<title><img src=/wide.svg width=9 height=9></title><desc><table><tr><td>"
                + list
                + "</table></desc></svg><math><mtext><img src=/wide.svg></mtext><annotation-xml"
                + " encoding='text/html'><p>a</p></annotation-xml><mi><svg><![CDATA[<img src=x>]]>"
                + "</svg></math>"
                + list));
    all.put(
        "served",
        "<?xml version='1.0'?><!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN'"
            + " 'http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd'>"
            + "<html xmlns='http://www.w3.org/1999/xhtml' xml:lang='en'><head><title/>t</title>"
            + "<script type='text/javascript'>//<![CDATA[\n"
            + talk
            + " //]]></script></head><body><div/><p/><br/>"
            + list.replace(">", "/>")
            + "<![CDATA[ <img src=x/> ]]><script src='/own.js'/><img src=/wide.svg/></body></html>"
            + "y".repeat(500));
  }

  /// What somebody looks at closely, once all of it is there: how far a parser has come at any
  /// other moment is another matter each time.
  private static void counted(Map<String, String> all, String list, String digest) {
    all.put(
        "counting",
        page(
            "<script>customElements.define('photo-list', class extends HTMLElement {"
                + " connectedCallback() { addEventListener('DOMContentLoaded', () =>"
                + " this.append(this.children.length + ' '"
                + " + this.innerHTML.split(' src').length)); } });</script>",
            "<photo-list>" + list + "</photo-list><photo-list><img src=/wide.svg></photo-list>"));
    all.put(
        "demanded",
        page(
            "<link rel=preload as=script href=/own.js integrity="
                + digest
                + "><script src=/own.js defer></script>",
            list));
  }

  /// What no browser minds although it is wrong.
  private static void wrong(Map<String, String> all, String list) {
    all.put(
        "attributes",
        page(
            "",
            ("<img/src=/wide.svg/width=80/height=200><IMG SRC=/wide.svg WIDTH=80 HEIGHT=200 src=x>"
                    + "<img\nsrc\n=\n'&#47;wide&period;svg'\twidth=\"80\"\fheight='200'a=b>"
                    + "<img =x src=/wide.svg \"' width=80 height=200 a<b='>'>"
                    + "<img src=/wide.svg width=80 width=9 height=200 loading>")
                .repeat(3)));
    all.put(
        "raw",
        page(
            "<title><img src=x></title><style>/* </styl <img src=x> */ img{width:80px}</style >",
            "<noembed>"
                + list
                + "</noembed><noframes><img src=x></noframes><iframe><img src=x></iframe>"
                + "<textarea>\n</textare <img src=x></textarea/><script type=text/template><img"
                + " src=x></script\n><![if !IE]>"
                + list
                + "<![endif]></br></p></ img src=x><? img src=x ?></img>"
                + list));
    all.put(
        "nulls",
        page("", "a\0b<p\0q title='\0'>\r\n\r" + list + "<img src=/wide\0.svg>\0<!--\0--!>\0"));
    all.put(
        "nested",
        page(
            "",
            "<form><form><p><button><button><a href=x><table><a href=y>"
                + list
                + "<tr><form><input type=hidden><td></form></table><select><input>"
                + list
                + "<b><p><i></b>"
                + "<ruby><rt>".repeat(700)
                + list));
    all.put(
        "framed",
        "<html><head><title>t</title></head><frameset cols=50%,50%><frame src=about:blank>"
            + "<noframes><img src=/wide.svg></noframes></frameset></html>"
            + " ".repeat(500));
    all.put(
        "replaced",
        page(
            "",
            list
                + "<script>addEventListener('DOMContentLoaded', function () { document.open();"
                + " document.write('<title>n</title><img src=/wide.svg width=80 height=200>');"
                + " document.close(); });</script>"));
  }

  private static String page(String head, String body) {
    return "<!doctype html><html><head><title>t</title>%s%s</head><body>%s<!--%s-->"
        .formatted(HardPages.NAMED, head, body, "x".repeat(500));
  }
}
