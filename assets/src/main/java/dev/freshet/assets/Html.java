package dev.freshet.assets;

import java.util.List;
import java.util.Locale;

/// Pages about what was found: whole in themselves, without the network.
final class Html {
  private static final String STYLE =
      """
      body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;\
      color:#1b2a33;background:#fff}\
      h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem}\
      table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .8rem .3rem 0;\
      border-bottom:1px solid #dde4e8;vertical-align:top}td.n,th.n{text-align:right;\
      font-variant-numeric:tabular-nums;white-space:nowrap}\
      svg{width:100%;height:auto;background:#f3f6f8}svg rect{stroke:#fff;stroke-width:1}\
      svg text{font:11px system-ui,sans-serif;fill:#10202a;pointer-events:none}\
      svg g:hover>rect{stroke:#000}.good{color:#196b2c}.bad{color:#a3231f}\
      figure{display:inline-block;margin:0 1rem 1rem 0;width:46%;vertical-align:top}\
      figure img{width:100%;border:1px solid #dde4e8}code{background:#f3f6f8;padding:0 .2rem}\
      .lead{font-size:1.15rem;max-width:60rem}.cards{display:flex;flex-wrap:wrap;gap:1rem;\
      margin:1.5rem 0}.card{background:#f3f6f8;border-radius:.5rem;padding:.7rem 1.2rem;\
      min-width:9rem}.card>span:first-child{color:#53656f;font-size:.85rem}.card b{font-size:1.3rem}\
      td.bar{width:22rem;min-width:12rem;white-space:nowrap;font-size:0}td.bar i{display:inline-block;\
      height:1.1rem;margin-top:.2rem}td.in{padding-left:1.2rem}td.gain{width:8rem;font-size:0}td.who{white-space:nowrap}\
      td.where{width:36%;overflow-wrap:anywhere}td.gain i{display:inline-block;height:1.1rem;\
      margin-top:.2rem}\
      .key{display:inline-block;width:.8rem;height:.8rem;margin:0 .3rem 0 .9rem}\
      .k-document{background:#7a8ca3}.k-script{background:#e0a33a}.k-stylesheet{background:#8a6fd1}\
      .k-image{background:#3b8fc4}.k-font{background:#58a868}.k-other{background:#b5bec4}\
      .k-gain{background:#2f9e77}\
      .tools{display:flex;gap:.8rem;align-items:center;flex-wrap:wrap}.tools input{font:inherit;\
      padding:.2rem .5rem;min-width:16rem;margin-left:auto}.tools button{font:inherit;border:0;\
      background:none;color:inherit;text-decoration:underline;cursor:pointer;padding:0}\
      .map{position:relative;height:44rem;background:#f3f6f8;overflow:hidden}.box{position:absolute;\
      box-sizing:border-box;border:1px solid #fff;overflow:hidden;font-size:11px;line-height:15px;\
      padding:0 3px;color:#10202a;white-space:nowrap;text-overflow:ellipsis;cursor:pointer}\
      .box:hover{border-color:#000}.box.found{outline:2px solid #c4302b;outline-offset:-2px}\
      .told{min-height:1.5rem}\
      @media(prefers-color-scheme:dark){body{background:#12191e;color:#dbe4ea}\
      th,td{border-color:#2b3841}code,svg,.card{background:#1b252c}\
      .card>span:first-child{color:#9fb0ba}.good{color:#7fd18f}\
      .bad{color:#f0938f}}\
      """;

  private Html() {}

  /// For text and attribute values.
  static String text(String plain) {
    return plain
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  static String page(String title, String body) {
    return "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
        + "<meta name=\"viewport\" content=\"width=device-width\">\n<title>"
        + text(title)
        + "</title>\n<style>"
        + STYLE
        + "</style>\n<h1>"
        + text(title)
        + "</h1>\n"
        + body
        + "</html>\n";
  }

  /// A piece of a bar, as long as its part of the whole.
  ///
  /// @param kind of what: says its color, and is told to who points at it
  static String bar(String kind, long value, long whole) {
    double percent = whole == 0 ? 0 : 100.0 * value / whole;
    return "<i class=\"k-%s\" style=\"width:%s%%\" title=\"%s %s\"></i>"
        .formatted(
            kind,
            String.format(Locale.ROOT, "%.2f", percent),
            kind,
            text(Sizes.kilobytes(value)));
  }

  /// @param head titles; one that begins with `#` is of a column of numbers
  static String table(List<String> head, List<List<String>> rows) {
    StringBuilder out = new StringBuilder("<table>\n<tr>");
    for (String title : head) {
      boolean isNumber = title.startsWith("#");
      out.append(isNumber ? "<th class=\"n\">" : "<th>")
          .append(text(isNumber ? title.substring(1) : title))
          .append("</th>");
    }
    out.append("</tr>\n");
    for (List<String> row : rows) {
      out.append("<tr>");
      for (int i = 0; i < row.size(); i++) {
        out.append(head.get(i).startsWith("#") ? "<td class=\"n\">" : "<td>")
            .append(text(row.get(i)))
            .append("</td>");
      }
      out.append("</tr>\n");
    }
    return out.append("</table>\n").toString();
  }
}
