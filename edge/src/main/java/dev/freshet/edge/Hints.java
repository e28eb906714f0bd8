package dev.freshet.edge;

import dev.freshet.cache.Entry;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.ScriptPolicy;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Consumer;

/// What browsers are told beside a page: where its dictionary is, and which pages may be fetched
/// ahead.
///
/// Only with pages that everybody may have, on connections where browsers heed it, and not where
/// the page says itself what may be loaded, unless that lets it through for certain: a browser
/// might complain.
final class Hints {
  static final Fields NONE = new Fields(0);
  private static final FieldName CSP = FieldName.of("Content-Security-Policy");
  private static final FieldName REPORTED_CSP = FieldName.of("Content-Security-Policy-Report-Only");
  private static final String CSP_IN_PAGE = "content-security-policy";

  /// A policy stands in the head of a page.
  private static final int MAX_HEAD = 65_536;

  private final Templates templates;
  private final Consumer<String> better;

  /// @param better told of a page to be made again in a moment
  Hints(Templates templates, Consumer<String> better) {
    this.templates = templates;
    this.better = better;
  }

  /// The fields to be sent beside the page's own.
  ///
  /// @param content as it is sent, not coded
  Fields of(String key, Entry<StoredResponse> page, byte[][] content) {
    Fields said = page.meta().head().fields();
    boolean isForAll = page.meta().isForEverybody(key);
    if (!isForAll || hasPolicy(content) || !Dictionaries.isSecure(key)) {
      return NONE;
    }
    Fields out = new Fields(2);
    String dictionary = isSilent(said) ? templates.dictionary(key, page, content, better) : "";
    if (!dictionary.isEmpty()) {
      out.add(FieldName.LINK, "<" + dictionary + ">; rel=\"compression-dictionary\"");
    }
    if (!said.has(Speculation.RULES) && ScriptPolicy.allowsRules(said)) {
      out.add(Speculation.RULES, "\"" + Speculation.PATH + "\"");
    }
    return out;
  }

  /// Whether the fields say nothing of what may be loaded.
  static boolean isSilent(Fields said) {
    return !said.has(CSP) && !said.has(REPORTED_CSP);
  }

  private static boolean hasPolicy(byte[][] content) {
    StringBuilder head = new StringBuilder();
    for (byte[] piece : content) {
      int many = Math.min(piece.length, MAX_HEAD - head.length());
      head.append(new String(piece, 0, many, StandardCharsets.ISO_8859_1));
    }
    return head.toString().toLowerCase(Locale.ROOT).contains(CSP_IN_PAGE);
  }
}
