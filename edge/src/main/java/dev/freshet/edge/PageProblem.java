package dev.freshet.edge;

import dev.freshet.base.ByteSize;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Why there is no page, as a problem document (RFC 9457), with the way on where there is one.
final class PageProblem {
  private final ResponseHead head;
  private final byte[] content;

  /// @param type last part of the problem's URN, which programs may go by
  /// @param detail of characters that need no escape in JSON
  /// @param first where the first page is, or null
  private PageProblem(
      RequestHead asked,
      int status,
      String type,
      String title,
      String detail,
      @Nullable String first) {
    String id = Requests.idOf(asked);
    String way = first == null ? "" : ",\"first\":\"" + first + "\"";
    content =
        """
        {"type":"urn:freshet:problem:%s","title":"%s","status":%d,"detail":"%s",\
        "instance":"urn:freshet:request:%s"%s}
        """
            .formatted(type, title, status, detail, id, way)
            .getBytes(StandardCharsets.UTF_8);
    Fields fields = new Fields(8);
    fields.add(FieldName.CONTENT_TYPE, "application/problem+json");
    fields.add(FieldName.CONTENT_LENGTH, Integer.toString(content.length));
    fields.add(FieldName.CACHE_CONTROL, "no-store");
    fields.add(FieldName.X_REQUEST_ID, id);
    if (first != null) {
      fields.add(FieldName.LINK, PageLinks.link(first, "first"));
    }
    if (status == 503) {
      fields.add(FieldName.RETRY_AFTER, "1");
    }
    head = new ResponseHead(status, fields);
  }

  ResponseHead head() {
    return head;
  }

  /// Must not be changed.
  @SuppressWarnings("MutableMethodReturnType")
  byte[] content() {
    return content;
  }

  static PageProblem bad(RequestHead asked, String why) {
    return new PageProblem(
        asked, 400, "page-parameter", "A parameter of the page is wrong", why, null);
  }

  static PageProblem foreign(RequestHead asked, String first) {
    return new PageProblem(
        asked,
        400,
        "foreign-cursor",
        "The cursor is of another list",
        "A cursor goes with the list, the query and the user that it was given out for",
        first);
  }

  static PageProblem gone(RequestHead asked, String first) {
    return new PageProblem(
        asked,
        410,
        "cursor-gone",
        "The list has changed so much that the cursor leads nowhere",
        "The element that was seen last is gone, or elements have no keys; begin again with first",
        first);
  }

  static PageProblem ruledOut(RequestHead asked) {
    return new PageProblem(
        asked, 412, "page-changed", "The page has changed", "If-Match names another page", null);
  }

  static PageProblem busy(RequestHead asked) {
    return new PageProblem(
        asked, 503, "busy", "Too much is under way", "Please try again in a moment", null);
  }

  /// @param limit name of the setting that is exceeded
  static PageProblem listTooLarge(RequestHead asked, String limit, long octets) {
    return listTooLarge(
        asked, "%s, the most by %s: raise that".formatted(new ByteSize(octets), limit));
  }

  static PageProblem tooManyElements(RequestHead asked, int most) {
    return listTooLarge(
        asked, most + " elements, the most by cache.memory: raise that, to a million of them");
  }

  private static PageProblem listTooLarge(RequestHead asked, String than) {
    return new PageProblem(
        asked,
        502,
        "list-too-large",
        "The list is too large to be cut into pages",
        "It has more than " + than + ", or give this URL a route without paginate",
        null);
  }

  static PageProblem pageTooLarge(RequestHead asked, Pagination how) {
    return new PageProblem(
        asked,
        502,
        "page-too-large",
        "Each page would be too large",
        "What stands around the list has more than %s, the most by max-page: %s"
            .formatted(how.maxPage(), "raise that, or ask with " + how.names().limit()),
        null);
  }

  static PageProblem brokenOff(RequestHead asked) {
    return new PageProblem(
        asked,
        502,
        "broken-off",
        "The site's application did not answer properly",
        "The list broke off before its end",
        null);
  }

  static PageProblem fault(RequestHead asked) {
    return new PageProblem(
        asked, 500, "fault", "Something went wrong here", "Please try again in a moment", null);
  }
}
