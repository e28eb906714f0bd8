package dev.freshet.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Writes elements of `Forwarded` (RFC 7239).
public final class ForwardedField {
  /// Stands for a node that shall not be named (RFC 7239, section 6.2).
  public static final String UNKNOWN = "unknown";

  private static final Pattern PAIR =
      Pattern.compile("\\G\\s*+([^\\s=;\"]++)=(\"[^\"\\\\]*+\"|[^\\s;\"]*+)\\s*+(?:;|$)");

  private ForwardedField() {}

  /// One hop: who asked, for which host, by which scheme.
  ///
  /// @param address IPv4 or IPv6 in text form without brackets, or [#UNKNOWN]
  public static String element(String address, String host, String scheme) {
    int zone = address.indexOf('%');
    String bare = zone < 0 ? address : address.substring(0, zone);
    String from = bare.indexOf(':') >= 0 ? "\"[" + bare + "]\"" : bare;
    return "for=" + from + ";host=" + quoted(host) + ";proto=" + scheme;
  }

  /// What a whole field says of how was asked, without who asked and who passed it on.
  public static String withoutNodes(String field) {
    List<String> elements = new ArrayList<>();
    for (String element : FieldLists.split(field)) {
      List<String> kept = new ArrayList<>(2);
      Matcher pair = PAIR.matcher(element);
      while (pair.find()) {
        String name = pair.group(1).toLowerCase(Locale.ROOT);
        if (name.equals("proto") || name.equals("host")) {
          kept.add(name + "=" + pair.group(2));
        }
      }
      if (!kept.isEmpty()) {
        elements.add(String.join(";", kept));
      }
    }
    return String.join(", ", elements);
  }

  private static String quoted(String value) {
    return FieldLists.isToken(value)
        ? value
        : '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
