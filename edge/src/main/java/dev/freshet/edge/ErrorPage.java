package dev.freshet.edge;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.HeadReader.Refused;
import dev.freshet.http.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A small error answer made here: JSON (RFC 9457) for programs, a plain page for people; says what
/// happened and the request's id, nothing of the inside. Its head is ready to send, with type and
/// length.
final class ErrorPage {
  private static final Pattern ACCEPT =
      Pattern.compile("\naccept:([^\r\n]*)", Pattern.CASE_INSENSITIVE);

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

  /// What is said instead of handling a request at all.
  static ErrorPage ofRefusal(Refused refused, @Nullable String accept, String requestId) {
    ErrorPage page = of(refused.status(), "Refused: " + refused.getMessage(), accept, requestId);
    page.head.fields().add(FieldName.CACHE_STATUS, "freshet; detail=refused");
    return page;
  }

  /// `Accept` of a head that is not sound: only the form of an answer that says so goes by it.
  static @Nullable String accept(byte[] head, int length) {
    Matcher found = ACCEPT.matcher(new String(head, 0, length, StandardCharsets.ISO_8859_1));
    return found.find() ? found.group(1) : null;
  }

  private static String advice(int status) {
    return switch (status) {
      case 431 -> "<p>Deleting the cookies of this site may help.";
      case 408, 500, 502, 503, 504 -> "<p>Please try again in a moment.";
      default -> "";
    };
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
            <h1>%s</h1>%s<p><small>Status %d, request %s</small></html>
            """
                .formatted(status, title, advice(status), status, requestId)
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
