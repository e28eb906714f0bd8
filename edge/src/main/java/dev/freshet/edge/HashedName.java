package dev.freshet.edge;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Tells from a URL whether it names content and no place: other content would get another URL.
///
/// What is taken for such a name is kept for a year without a question, so what only might be one
/// is none. Proof is a part of the URL that is a digest of the content. Scripts, style sheets and
/// fonts are also believed by the look of their name, since build tools make such names and people
/// don't; pictures are not, since sites name what people upload by random numbers too.
final class HashedName {
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]+");
  private static final Pattern UUID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  /// What stands before the suffix, behind a dot or a dash.
  private static final Pattern LAST =
      Pattern.compile("[.-]([A-Za-z0-9_-]{8,64})(?:\\.(?:min|chunk|bundle))?\\.[a-z0-9]{2,5}$");

  private static final Pattern HEX = Pattern.compile("[0-9a-f]{8,64}");
  private static final Pattern BASE32 = Pattern.compile("[A-Z2-7]{8}");
  private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9_-]{8}");
  private static final int MIN_TOKEN = 8;
  private static final int MAX_TOKENS = 8;
  private static final int MAX_TARGET = 2_000;

  private HashedName() {}

  /// Whether the file's name looks as if a build tool had made it of the content.
  ///
  /// @param path without a query
  static boolean isLikely(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    if (name.length() > MAX_TARGET || UUID.matcher(name).find()) {
      return false;
    }
    Matcher last = LAST.matcher(name);
    if (!last.find()) {
      return false;
    }
    String token = last.group(1);
    // A dash may be one of the hash's own letters, or stand before it.
    for (int at = 0; at >= 0 && token.length() - at >= MIN_TOKEN; ) {
      if (isHash(token.substring(at))) {
        return true;
      }
      int dash = token.indexOf('-', at);
      at = dash < 0 ? -1 : dash + 1;
    }
    return false;
  }

  private static boolean isHash(String token) {
    if (HEX.matcher(token).matches()) {
      return changes(token) >= 2;
    }
    if (BASE32.matcher(token).matches()) {
      return changes(token) >= 2;
    }
    if (!BASE64.matcher(token).matches()) {
      return false;
    }
    // A word may have a capital in front and a number behind.
    String inner = token.substring(1).replaceAll("[0-9]+$", "");
    return inner.chars().filter(Character::isUpperCase).count() >= 2
        && inner.chars().anyMatch(Character::isLowerCase)
        && token.chars().anyMatch(Character::isDigit);
  }

  /// How often digits and letters follow each other: dates and words don't change, a word with a
  /// number does once.
  private static int changes(String token) {
    int changes = 0;
    for (int i = 1; i < token.length(); i++) {
      if (Character.isDigit(token.charAt(i)) != Character.isDigit(token.charAt(i - 1))) {
        changes++;
      }
    }
    return changes;
  }

  /// Whether a part of the path's last segment or of the query is a digest of the content, or the
  /// beginning of one.
  static boolean isProven(String target, byte[][] content) {
    List<String> tokens = tokens(target);
    if (tokens.isEmpty()) {
      return false;
    }
    for (String algorithm : new String[] {"MD5", "SHA-1", "SHA-256"}) {
      byte[] digest = digest(algorithm, content);
      String hex = HexFormat.of().formatHex(digest);
      String base64 = Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
      for (String token : tokens) {
        if (hex.startsWith(token.toLowerCase(Locale.ROOT)) || base64.startsWith(token)) {
          return true;
        }
      }
    }
    return false;
  }

  private static List<String> tokens(String target) {
    int query = target.indexOf('?');
    int slash = (query < 0 ? target : target.substring(0, query)).lastIndexOf('/');
    List<String> out = new ArrayList<>();
    if (target.length() > MAX_TARGET) {
      return out;
    }
    Matcher matcher = TOKEN.matcher(target);
    for (int at = slash + 1; out.size() < MAX_TOKENS && matcher.find(at); at = matcher.end()) {
      String token = matcher.group();
      int dash = token.lastIndexOf('-');
      String behind = token.substring(dash + 1);
      if (token.length() >= MIN_TOKEN) {
        out.add(token);
      }
      if (dash >= 0 && behind.length() >= MIN_TOKEN) {
        out.add(behind);
      }
    }
    return out;
  }

  private static byte[] digest(String algorithm, byte[][] content) {
    try {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      for (byte[] piece : content) {
        digest.update(piece);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has " + algorithm, e);
    }
  }
}
