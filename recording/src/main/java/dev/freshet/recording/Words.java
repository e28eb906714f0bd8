package dev.freshet.recording;

import java.util.Locale;
import java.util.Set;

/// Tells words from letters put together by chance, and knows the words that pages' addresses are
/// made of.
final class Words {
  /// By letter: those that often come behind it in words of European languages.
  private static final String[] FOLLOWERS = {
    "bcdefghiklmnprstuvwyz",
    "abeiloruy",
    "acehiklnoqrstuy",
    "adegilorsuy",
    "abcdefgilmnpqrstuvwxyz",
    "aefiloruty",
    "aeghilnorstuy",
    "aeiortuyn",
    "abcdefgklmnopqrstvxz",
    "aeou",
    "aeiklnosy",
    "abdefgiklmopstuvy",
    "abeimnopsuy",
    "acdefgiklnostuvyz",
    "abcdefghiklmnoprstuvwxy",
    "aehiloprstuy",
    "u",
    "abcdegiklmnoprstuvy",
    "aceghiklmnopqstuwy",
    "aceghilmorstuwyz",
    "abcdefgilmnprstz",
    "aeioy",
    "aehinors",
    "aceipt",
    "acelmnopst",
    "aeiozy"
  };

  /// What stands in addresses and says nothing about anybody.
  private static final Set<String> OF_PAGES =
      Set.of(
          "asc",
          "desc",
          "up",
          "down",
          "true",
          "false",
          "yes",
          "no",
          "on",
          "off",
          "all",
          "any",
          "none",
          "null",
          "next",
          "prev",
          "previous",
          "first",
          "last",
          "new",
          "newest",
          "latest",
          "old",
          "oldest",
          "top",
          "hot",
          "best",
          "price",
          "date",
          "title",
          "size",
          "rating",
          "relevance",
          "popular",
          "popularity",
          "id",
          "list",
          "grid",
          "table",
          "page",
          "home",
          "index",
          "small",
          "medium",
          "large",
          "low",
          "high",
          "day",
          "week",
          "month",
          "year",
          "today",
          "json",
          "html",
          "xml",
          "csv",
          "pdf",
          "text",
          "show",
          "hide",
          "edit",
          "create",
          "open",
          "closed",
          "active",
          "view",
          "cart",
          "search",
          "products",
          "product",
          "category",
          "categories",
          "orders",
          "order",
          "items",
          "item",
          "me",
          "self",
          "settings",
          "basic",
          "full",
          "short",
          "long",
          "en",
          "de",
          "fr",
          "es",
          "it",
          "nl",
          "pt",
          "pl",
          "ja",
          "zh",
          "eur",
          "usd",
          "gbp");

  private Words() {}

  static boolean isOfPages(String text) {
    return OF_PAGES.contains(text.toLowerCase(Locale.ROOT));
  }

  /// Whether letters read like a word: the more of them there are, the surer it must be.
  static boolean isLikely(String letters) {
    int length = letters.length();
    if (length < 8) {
      return true;
    }
    String lower = letters.toLowerCase(Locale.ROOT);
    int usual = 0;
    int consonants = 0;
    int longest = 0;
    for (int i = 0; i < length; i++) {
      char c = lower.charAt(i);
      consonants = "aeiouy".indexOf(c) >= 0 ? 0 : consonants + 1;
      longest = Math.max(longest, consonants);
      if (i > 0) {
        usual += FOLLOWERS[lower.charAt(i - 1) - 'a'].indexOf(c) >= 0 ? 1 : 0;
      }
    }
    boolean isPlain =
        lower.substring(1).equals(letters.substring(1)) || letters.equals(upper(letters));
    double share = (double) usual / (length - 1);
    double wanted = length < 12 && isPlain ? 0.6 : length < 16 ? 0.75 : 0.85;
    return longest < 6 && share >= wanted;
  }

  private static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }
}
