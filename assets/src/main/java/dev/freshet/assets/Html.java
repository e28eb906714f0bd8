package dev.freshet.assets;

import java.util.List;

/// Pages about what was found: whole in themselves, without scripts and without the network.
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
      @media(prefers-color-scheme:dark){body{background:#12191e;color:#dbe4ea}\
      th,td{border-color:#2b3841}code,svg{background:#1b252c}.good{color:#7fd18f}\
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
