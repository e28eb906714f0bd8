package dev.freshet.edge;

import dev.freshet.http.RequestHead;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Where the pages beside a page are (RFC 8288): the request's own target, without parameters that
/// don't matter, with another cursor.
final class PageLinks {
  private final String base;
  private final PageAsk ask;
  private final Pagination.Names names;

  /// @param whole the request for the whole list
  PageLinks(Keys keys, RequestHead whole, PageAsk ask, Pagination.Names names) {
    String url = keys.url(whole.scheme(), whole.authority(), whole.target());
    this.base = safe(url.substring(keys.url(whole.scheme(), whole.authority(), "").length()));
    this.ask = ask;
    this.names = names;
  }

  /// The first page.
  String first() {
    return to(null);
  }

  /// The value of `Link`; empty for a list that fits on one page.
  String of(Cut.Page page) {
    if (page.next() == null && page.previous() == null && ask.cursor() == null) {
      return "";
    }
    StringBuilder out = new StringBuilder();
    if (page.next() != null) {
      out.append(link(to(page.next()), "next")).append(", ");
    }
    if (page.previous() != null) {
      out.append(link(to(page.previous()), "prev")).append(", ");
    }
    return out.append(link(first(), "first")).toString();
  }

  static String link(String target, String relation) {
    return "<" + target + ">; rel=\"" + relation + "\"";
  }

  private String to(@Nullable Cursor cursor) {
    StringBuilder out = new StringBuilder(base);
    char before = base.indexOf('?') < 0 ? '?' : '&';
    if (ask.limit() > 0) {
      out.append(before).append(names.limit()).append('=').append(ask.limit());
      before = '&';
    }
    if (!ask.fieldsText().isEmpty()) {
      out.append(before).append(names.fields()).append('=').append(safe(ask.fieldsText()));
      before = '&';
    }
    if (cursor != null) {
      out.append(before).append(names.cursor()).append('=').append(cursor);
    }
    return out.toString();
  }

  /// Whatever can't stand in a URI, or would end it in a field or a JSON text, percent-encoded.
  private static String safe(String target) {
    StringBuilder out = new StringBuilder(target.length());
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c <= ' ' || c >= 0x7f || "\"<>\\^`{|}".indexOf(c) >= 0) {
        out.append(String.format(Locale.ROOT, "%%%02X", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }
}
