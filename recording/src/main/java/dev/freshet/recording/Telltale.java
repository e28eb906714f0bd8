package dev.freshet.recording;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Whether a text holds what points at somebody or opens something: an e-mail address, a long
/// number (telephone, card, account), a token. Looks through percent-encoding, JSON's and HTML's
/// escapes and base64, nested a few times.
final class Telltale {
  private static final int DEEPEST = 4;
  private static final int MOST_DIGITS = 6;
  private static final int LONGEST_WORD = 20;
  private static final Pattern PERCENT = Pattern.compile("(?:%[0-9A-Fa-f]{2})+");
  private static final Pattern ESCAPE =
      Pattern.compile("\\\\u([0-9A-Fa-f]{4})|&#x([0-9A-Fa-f]{1,6});|&#([0-9]{1,7});");
  private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/_-]{12,}");

  /// What may stand between the digits of a number, up to three of it.
  private static final String SEPARATORS = " .,:()+/-";

  private static final int MOST_SEPARATORS = 3;
  private static final Pattern NOT_WORD = Pattern.compile("[^A-Za-z0-9]+");

  private Telltale() {}

  /// Whether something of the kind is in the text, however it is wrapped.
  static boolean in(String text) {
    return in(text, DEEPEST);
  }

  private static boolean in(String text, int deep) {
    if (text.indexOf('@') >= 0 || hasLongNumber(text) || hasToken(text)) {
      return true;
    }
    if (deep == 0) {
      return false;
    }
    String bare = percentDecoded(text);
    if (!bare.equals(text) && in(bare, deep - 1)) {
      return true;
    }
    String plain = unescaped(text);
    return (!plain.equals(text) && in(plain, deep - 1)) || hasEncodedText(text);
  }

  /// An address's `@` is enough: nothing harmless needs one.
  static boolean isAddress(String text) {
    return text.indexOf('@') >= 0;
  }

  static boolean hasLongNumber(String text) {
    // No expression: a long run of digits would be too deep for the stack.
    int digits = 0;
    int separators = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= '0' && c <= '9') {
        separators = 0;
        if (++digits > MOST_DIGITS) {
          return true;
        }
      } else if (SEPARATORS.indexOf(c) < 0 || ++separators > MOST_SEPARATORS) {
        digits = 0;
      }
    }
    return false;
  }

  /// Percent-encoding undone once, as UTF-8.
  static String percentDecoded(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    Matcher m = PERCENT.matcher(text);
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (m.find()) {
      out.append(text, at, m.start());
      byte[] octets = new byte[(m.end() - m.start()) / 3];
      for (int i = 0; i < octets.length; i++) {
        int from = m.start() + 3 * i + 1;
        octets[i] = (byte) Integer.parseInt(text, from, from + 2, 16);
      }
      out.append(new String(octets, StandardCharsets.UTF_8));
      at = m.end();
    }
    return out.append(text, at, text.length()).toString();
  }

  private static String unescaped(String text) {
    if (text.indexOf('\\') < 0 && text.indexOf('&') < 0) {
      return text;
    }
    Matcher m = ESCAPE.matcher(text);
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (m.find()) {
      out.append(text, at, m.start());
      String decimal = m.group(3);
      String hex = m.group(1) != null ? m.group(1) : m.group(2);
      int c = decimal != null ? Integer.parseInt(decimal) : Integer.parseInt(hex, 16);
      out.appendCodePoint(Character.isValidCodePoint(c) ? c : ' ');
      at = m.end();
    }
    return out.append(text, at, text.length()).toString();
  }

  /// Something readable in base64. What reads like this by chance is rare at that length.
  private static boolean hasEncodedText(String text) {
    Matcher m = BASE64.matcher(text);
    while (m.find()) {
      String run = m.group().replace('-', '+').replace('_', '/');
      int whole = run.length() % 4 == 1 ? run.length() - 1 : run.length();
      byte[] octets = Base64.getDecoder().decode(run.substring(0, whole));
      int readable = 0;
      for (byte octet : octets) {
        readable += octet >= 0x20 && octet < 0x7f ? 1 : 0;
      }
      if (readable == octets.length) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasToken(String text) {
    int parts = 0;
    int mixed = 0;
    for (String part : NOT_WORD.split(text, -1)) {
      if (isToken(part)) {
        return true;
      }
      parts += part.isEmpty() ? 0 : 1;
      mixed += turns(part) > 0 ? 1 : 0;
    }
    // One cut into groups.
    return parts >= 3 && mixed * 2 >= parts && text.length() >= 12;
  }

  private static boolean isToken(String part) {
    int length = part.length();
    if (length < 8) {
      return false;
    }
    int turns = turns(part);
    if (turns >= 2 || length > LONGEST_WORD + MOST_DIGITS) {
      return true;
    }
    int letters = (int) part.chars().filter(c -> c > '9').count();
    if (length - letters > MOST_DIGITS || letters > LONGEST_WORD) {
      return true;
    }
    boolean isBehind = part.charAt(0) > '9';
    return !Words.isLikely(
        isBehind ? part.substring(0, letters) : part.substring(length - letters));
  }

  /// How often letters and digits follow each other.
  private static int turns(String part) {
    int turns = 0;
    for (int i = 1; i < part.length(); i++) {
      turns += (part.charAt(i) > '9') != (part.charAt(i - 1) > '9') ? 1 : 0;
    }
    return turns;
  }
}
