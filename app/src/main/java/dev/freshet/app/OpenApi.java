package dev.freshet.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.edge.InnerAnswer;
import dev.freshet.edge.Pagination;
import dev.freshet.http.Caller;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import dev.freshet.http.Talk;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The app's OpenAPI 3 document with what Freshet adds to its operations: the parameters, fields
/// and refusals of lists that leave in pages.
///
/// The document is asked for as the client would ask the app for it, with his credentials. Whoever
/// comes while enough others are served is told to come again: a large document takes its time and
/// its room.
final class OpenApi {
  static final String PATH = "/.freshet/openapi.json";
  private static final System.Logger LOG = System.getLogger("freshet.app");
  private static final int MAX_OCTETS = 4 << 20;
  private static final int MAX_AT_ONCE = 2;
  private static final ObjectMapper JSON = new ObjectMapper();

  /// Fields that concern the content of this very answer.
  private static final List<FieldName> OF_THE_ANSWER =
      List.of(
          FieldName.ACCEPT,
          FieldName.ACCEPT_ENCODING,
          FieldName.IF_NONE_MATCH,
          FieldName.IF_MODIFIED_SINCE,
          FieldName.IF_MATCH,
          FieldName.IF_UNMODIFIED_SINCE,
          FieldName.IF_RANGE,
          FieldName.RANGE);

  private final String url;
  private final Ask ask;
  private final Function<String, @Nullable Pagination> pages;
  private final Semaphore room = new Semaphore(MAX_AT_ONCE);

  /// Asks as a client would.
  @FunctionalInterface
  interface Ask {
    CompletableFuture<InnerAnswer> ask(RequestHead head, InetSocketAddress peer, int limit);
  }

  /// @param url path of the app's document
  /// @param pages how lists under a path leave in pages, null where they leave whole
  OpenApi(String url, Ask ask, Function<String, @Nullable Pagination> pages) {
    this.url = url;
    this.ask = ask;
    this.pages = pages;
  }

  /// What is said to a client.
  @SuppressWarnings("ArrayRecordComponent")
  private record Said(int status, Fields fields, byte[] content) {
    static Said document(byte[] content, boolean isForOne) {
      Fields fields = Fields.of("Content-Type", "application/json");
      fields.add(FieldName.CACHE_CONTROL, isForOne ? "private, no-cache" : "no-cache");
      return new Said(200, fields, content);
    }

    static Said problem(int status, String title, String... more) {
      Fields fields = Fields.of("Content-Type", "application/problem+json");
      fields.add(FieldName.CACHE_CONTROL, "no-store").addAll(Fields.of(more));
      String text = "{\"title\":\"" + title + "\",\"status\":" + status + "}\n";
      return new Said(status, fields, text.getBytes(StandardCharsets.UTF_8));
    }
  }

  Talk begin(RequestHead head, Caller caller) {
    Talk talk = new Talk() {};
    if (!head.method().equals("GET") && !head.method().equals("HEAD")) {
      say(caller, Said.problem(405, "The document is there to be read", "Allow", "GET, HEAD"));
      return talk;
    }
    if (!room.tryAcquire()) {
      say(caller, Said.problem(503, "Others read the document just now", "Retry-After", "1"));
      return talk;
    }
    Fields fields = head.fields().copy().removeIf(OF_THE_ANSWER::contains);
    boolean isForOne = fields.has(FieldName.AUTHORIZATION) || fields.has(FieldName.COOKIE);
    RequestHead asked =
        new RequestHead("GET", head.scheme(), head.authority(), url, fields, head.version());
    var _ =
        asked(asked, caller.peer())
            .thenApplyAsync(answer -> said(answer, isForOne))
            .exceptionally(this::failed)
            .whenComplete((said, failure) -> room.release())
            .thenAcceptAsync(said -> say(caller, said), caller.loop());
    return talk;
  }

  private CompletableFuture<InnerAnswer> asked(RequestHead head, InetSocketAddress peer) {
    try {
      return ask.ask(head, peer, MAX_OCTETS);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private Said failed(Throwable failure) {
    LOG.log(Level.WARNING, "openapi " + url + ": the document could not be made", failure);
    return Said.problem(502, "The app did not answer properly");
  }

  private static void say(Caller caller, Said said) {
    caller.head(new ResponseHead(said.status(), said.fields()), said.content().length);
    caller.write(said.content());
    caller.end();
  }

  private Said said(InnerAnswer answer, boolean isForOne) {
    if (answer.status() != 200) {
      return refusal(answer);
    }
    if (answer.content().length > MAX_OCTETS) {
      return Said.problem(502, "What the app has at its `openapi` URL is larger than 4 MB");
    }
    try {
      JsonNode document = JSON.readTree(answer.content());
      if (!document.path("openapi").asText("").startsWith("3.")) {
        return Said.problem(404, "What the app has at its `openapi` URL is not OpenAPI 3 in JSON");
      }
      PagedOperations operations = new PagedOperations(document);
      operations.add(pages);
      if (operations.odd() > 0) {
        LOG.log(
            Level.WARNING,
            "openapi {0}: {1} operations are left as they are, {2} the first: `parameters` must be"
                + " a list, `responses`, its `200` and the `headers` of that must be objects",
            url,
            operations.odd(),
            operations.firstOdd());
      }
      return Said.document(JSON.writeValueAsBytes(document), isForOne);
    } catch (IOException e) {
      return Said.problem(404, "What the app has at its `openapi` URL is not OpenAPI 3 in JSON");
    }
  }

  /// A client who must show who he is, or may not read it, learns that as from the app itself.
  private static Said refusal(InnerAnswer answer) {
    int status = answer.status();
    return switch (status) {
      case 401 -> {
        Said said = Said.problem(401, "The app wants to know who reads its OpenAPI document");
        for (String challenge : answer.fields().all(FieldName.WWW_AUTHENTICATE)) {
          said.fields().add(FieldName.WWW_AUTHENTICATE, challenge);
        }
        yield said;
      }
      case 403 -> Said.problem(403, "The app lets not everybody read its OpenAPI document");
      case 404, 410 -> Said.problem(404, "The app has no OpenAPI document at its `openapi` URL");
      default ->
          Said.problem(502, "Asked for its OpenAPI document the app answered with " + status);
    };
  }
}
