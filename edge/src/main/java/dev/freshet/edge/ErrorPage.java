package dev.freshet.edge;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A small error answer made here: JSON (RFC 9457) for programs, a plain page for people; says what
/// happened and the request's id, nothing of the inside. Its head is ready to send, with type and
/// length.
final class ErrorPage {
  private final ResponseHead head;
  private final byte[] content;

  private ErrorPage(ResponseHead head, byte[] content) {
    this.head = head;
    this.content = content;
  }

  ResponseHead head() {
    return head;
  }

  /// Must not be changed.
  @SuppressWarnings("MutableMethodReturnType")
  byte[] content() {
    return content;
  }

  static ErrorPage of(int status, String title, @Nullable String accept, String requestId) {
    boolean isPerson = accept != null && accept.toLowerCase(Locale.ROOT).contains("text/html");
    String text =
        isPerson
            ? """
            <!doctype html>
            <html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>%d</title>
            <style>body{font:16px/1.5 system-ui,sans-serif;max-width:32em;margin:15vh auto;padding:0 1em}
            small{color:#666}</style>
            <h1>%s</h1><p>Please try again in a moment.</p><small>Status %d, request %s</small></html>
            """
                .formatted(status, title, status, requestId)
            : """
            {"title":"%s","status":%d,"instance":"urn:freshet:request:%s"}
            """
                .formatted(title, status, requestId);
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    Fields fields = new Fields(8);
    fields.add(
        FieldName.CONTENT_TYPE, isPerson ? "text/html; charset=utf-8" : "application/problem+json");
    fields.add(FieldName.CONTENT_LENGTH, Integer.toString(content.length));
    fields.add(FieldName.CACHE_CONTROL, "no-store");
    fields.add(FieldName.X_REQUEST_ID, requestId);
    if (status == 503) {
      fields.add(FieldName.RETRY_AFTER, "1");
    }
    return new ErrorPage(new ResponseHead(status, fields), content);
  }
}
