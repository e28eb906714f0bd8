package dev.freshet.assets;

import java.util.Collection;
import java.util.regex.Pattern;

/// Keeps the place of pictures that are not there yet, for those whose size is known.
///
/// Until it is there a picture is laid out as if it were empty and had that size (`contain: size`),
/// which is how it is laid out once it is there, whatever the page's rules make of that. `width`
/// and `height` would win over the browser's own `auto`, and distort a picture of which the page's
/// styles state one of the two; a ratio alone gives no place to a picture that is as wide as it is
/// by itself. Then the mark goes, by a script in front of everything: from there on the picture
/// itself counts, also another that a script shows in its stead. Where no script runs there is only
/// the ratio, which a picture that is there has of its own.
final class KeptPlaces {
  /// Different sizes for which there are rules.
  static final int MAX_SIZES = 64;

  /// In a layer before all others: any rule of the page's own wins, and a browser that doesn't know
  /// layers leaves all of it out.
  private static final String RULES = "@layer freshet{";

  /// One that doesn't know the size of what is empty keeps the ratio.
  private static final String EMPTY =
      "@supports (contain-intrinsic-size:1px){:where(img[data-freshet*=x]){contain:size}}";

  /// Also puts in the rule by which pictures count as empty, which nothing else would end.
  private static final String SCRIPT =
      "!function(d){function f(e){e=e.target;"
          + "if(e.tagName==\"IMG\")e.removeAttribute(\"data-freshet\")}"
          + "d.addEventListener(\"load\",f,true);d.addEventListener(\"error\",f,true);"
          + "try{d.currentScript.previousSibling.sheet.insertRule(\""
          + RULES
          + EMPTY
          + "}\",0)}catch(e){}}(document)";

  private static final Pattern MARK = Pattern.compile("\\d+[x/]\\d+");

  private KeptPlaces() {}

  /// What stands in front of everything else in the head.
  static String html(Collection<Size> sizes) {
    StringBuilder rules = new StringBuilder("<style>" + RULES);
    for (Size size : sizes) {
      rules
          .append(":where(img[data-freshet=\"")
          .append(mark(size))
          .append("\"]){aspect-ratio:auto ");
      rules.append(size.width()).append('/').append(size.height());
      if (size.isNatural()) {
        rules.append(";contain-intrinsic-size:").append(size.width()).append("px ");
        rules.append(size.height()).append("px");
      }
      rules.append('}');
    }
    return rules + "}</style><script>" + SCRIPT + "</script>";
  }

  /// What a picture of that size is marked with.
  static String mark(Size size) {
    return size.width() + (size.isNatural() ? "x" : "/") + size.height();
  }

  static boolean isMark(String value) {
    return MARK.matcher(value).matches();
  }

  static boolean isRules(String style) {
    return style.startsWith(RULES);
  }

  static boolean isScript(String script) {
    return script.equals(SCRIPT);
  }
}
