package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.base.ByteSize;
import dev.freshet.edge.InnerAnswer;
import dev.freshet.edge.Pagination;
import dev.freshet.http.Caller;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import dev.freshet.http.Version;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What is added to an app's OpenAPI document; how it comes through the whole program is in
/// ExactFreshnessTest.
class OpenApiTest {
  private static final Pagination PAGES =
      new Pagination(
          20,
          200,
          new ByteSize(100_000),
          Pagination.MAX_LIST,
          "",
          "/id",
          new Pagination.Names("limit", "after", "only"));

  private static final String DOCUMENT =
      """
      {"openapi": "3.1.0", "servers": [{"url": "https://shop.example/v1/"}],
       "paths": {
        "/list": {"get": {"parameters": [
            {"name": "limit", "in": "query", "description": "the app's own"},
            {"name": "limit", "in": "header"}],
          "responses": {"400": {"description": "the app's own"}}}},
        "/map": {"get": {"responses": {"200": {"content": {"application/json":
            {"schema": {"$ref": "#/components/schemas/Map"}}}}}}},
        "/other": {"get": {}}, "/post": {"post": {}}},
       "components": {"schemas": {"Map": {"type": "object"}}}}
      """;

  /// A client that keeps what it is told.
  private static final class Ear implements Caller {
    private final CompletableFuture<String> told = new CompletableFuture<>();
    private final StringBuilder content = new StringBuilder();
    private int status;
    private Fields fields = new Fields(2);

    @Override
    public Executor loop() {
      return Runnable::run;
    }

    @Override
    public InetSocketAddress peer() {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    }

    @Override
    public void head(ResponseHead head, long length) {
      status = head.status();
      fields = head.fields();
    }

    @Override
    public void write(byte[] octets) {
      content.append(new String(octets, StandardCharsets.UTF_8));
    }

    @Override
    public void end() {
      told.complete(content.toString());
    }

    @Override
    public boolean isWritable() {
      return true;
    }

    @Override
    public void abort() {
      told.completeExceptionally(new IOException("given up"));
    }

    @Override
    public void tunnel() {
      throw new IllegalStateException("this is no tunnel");
    }
  }

  private final List<RequestHead> asked = new ArrayList<>();

  private static InnerAnswer answer(int status, Fields fields, String document) {
    byte[] content = document.getBytes(StandardCharsets.UTF_8);
    return new InnerAnswer(status, fields, content, null, null, "");
  }

  private String told(Ear ear, String method, int status, String document) {
    return told(ear, method, answer(status, new Fields(2), document));
  }

  private String told(Ear ear, String method, InnerAnswer answer) {
    OpenApi description =
        new OpenApi(
            "/docs.json",
            (head, peer, limit) -> {
              asked.add(head);
              return CompletableFuture.completedFuture(answer);
            },
            OpenApiTest::pages);
    Fields fields = Fields.of("Cookie", "sid=ann", "Accept-Encoding", "gzip", "Range", "bytes=0-");
    return told(description, ear, method, fields);
  }

  private static String told(OpenApi description, Ear ear, String method, Fields fields) {
    begin(description, ear, method, fields);
    return ear.told.orTimeout(10, TimeUnit.SECONDS).join();
  }

  private static void begin(OpenApi description, Ear ear, String method, Fields fields) {
    var _ =
        description.begin(
            new RequestHead(method, "http", "shop.test", OpenApi.PATH, fields, Version.HTTP_1_1),
            ear);
  }

  private static @Nullable Pagination pages(String path) {
    return path.equals("/v1/other") || !path.startsWith("/v1/") ? null : PAGES;
  }

  @Test
  void addsParametersFieldsAndRefusalsWhereListsLeaveInPages() throws IOException {
    Ear ear = new Ear();
    JsonNode document = new ObjectMapper().readTree(told(ear, "GET", 200, DOCUMENT));
    assertThat(ear.status).isEqualTo(200);
    JsonNode list = document.at("/paths/~1list/get");
    List<String> names = new ArrayList<>();
    list.path("parameters").forEach(each -> names.add(each.path("name").asText("")));
    assertThat(names).containsExactly("limit", "limit", "after", "only");
    JsonNode limit = list.path("parameters").get(1).path("schema");
    assertThat(limit.path("default").asInt(0)).isEqualTo(20);
    assertThat(limit.path("maximum").asInt(0)).isEqualTo(200);
    assertThat(list.at("/responses/200/headers").fieldNames())
        .toIterable()
        .containsExactly("Link", "X-Total-Count", "ETag");
    assertThat(list.at("/responses/400/description").asText("")).isEqualTo("the app's own");
    assertThat(list.path("responses").has("410")).isTrue();
    JsonNode before = new ObjectMapper().readTree(DOCUMENT);
    for (String path : List.of("/paths/~1map", "/paths/~1other", "/paths/~1post", "/components")) {
      assertThat(document.at(path)).as(path).isEqualTo(before.at(path));
    }
    RequestHead sent = asked.getFirst();
    assertThat(sent.target()).isEqualTo("/docs.json");
    assertThat(sent.fields()).isEqualTo(Fields.of("Cookie", "sid=ann"));
  }

  @Test
  void saysWhyThereIsNone() {
    Ear none = new Ear();
    assertThat(told(none, "GET", 404, "")).contains("has no OpenAPI document");
    assertThat(none.status).isEqualTo(404);
    assertThat(told(new Ear(), "GET", 200, "openapi: 3.0.0")).contains("is not OpenAPI 3 in JSON");
    assertThat(told(new Ear(), "GET", 200, "{\"swagger\":\"2.0\"}")).contains("is not OpenAPI 3");
    Ear posted = new Ear();
    told(posted, "POST", 200, DOCUMENT);
    assertThat(posted.status).isEqualTo(405);
  }

  @Test
  void anOddOperationStaysAsItIsAndSpoilsNoOther() throws IOException {
    String odd =
        """
        {"openapi": "3.0.3", "paths": {
          "/v1/a": {"get": {"parameters": {"name": "limit"}}},
          "/v1/b": {"get": {"responses": ["200"]}},
          "/v1/c": {"get": {"responses": {"200": "fine"}}},
          "/v1/d": {"get": {"responses": {"200": {"headers": [1]}}}},
          "/v1/e": {"get": []}, "/v1/f": 7,
          "/v1/g": {"get": {"parameters": null, "responses": null}}}}
        """;
    JsonNode before = new ObjectMapper().readTree(odd);
    JsonNode after = new ObjectMapper().readTree(told(new Ear(), "GET", 200, odd));
    for (String path : List.of("a", "b", "c", "d", "e", "f")) {
      assertThat(after.at("/paths/~1v1~1" + path))
          .as(path)
          .isEqualTo(before.at("/paths/~1v1~1" + path));
    }
    assertThat(after.at("/paths/~1v1~1g/get/parameters")).hasSize(3);
    assertThat(after.at("/paths/~1v1~1g/get/responses/200/headers")).hasSize(3);
  }

  @Test
  void referencesAreFollowedWhereverTheyMayStand() throws IOException {
    String document =
        """
        {"openapi": "3.1.0", "paths": {
          "/v1/list": {"get": {
            "parameters": [{"$ref": "#/components/parameters/Limit"}, {"$ref": "#/nowhere"}],
            "responses": {"200": {"$ref": "#/components/responses/List"}}}},
          "/v1/map": {"get": {"responses": {"200": {"$ref": "#/components/responses/Map"}}}},
          "/v1/far": {"get": {"responses": {"200": {"$ref": "other.json#/List"}}}},
          "/v1/loop": {"get": {"responses": {"200": {"$ref": "#/components/responses/Loop"}}}}},
         "components": {
          "parameters": {"Limit": {"$ref": "#/components/parameters/Size"},
            "Size": {"name": "limit", "in": "query"}},
          "responses": {
            "Loop": {"$ref": "#/components/responses/Loop"},
            "List": {"description": "theirs", "content":
              {"application/json": {"schema": {"$ref": "#/components/schemas/List"}}}},
            "Map": {"content": {"application/json": {"schema": {"type": "object"}}}}},
          "schemas": {"List": {"type": "array"}}}}
        """;
    JsonNode before = new ObjectMapper().readTree(document);
    JsonNode after = new ObjectMapper().readTree(told(new Ear(), "GET", 200, document));
    assertThat(after.path("components")).isEqualTo(before.path("components"));
    JsonNode list = after.at("/paths/~1v1~1list/get");
    List<String> names = new ArrayList<>();
    list.path("parameters").forEach(each -> names.add(each.path("name").asText("reference")));
    assertThat(names).containsExactly("reference", "limit", "after", "only");
    JsonNode ok = list.at("/responses/200");
    assertThat(ok.has("$ref")).isFalse();
    assertThat(ok.path("description").asText("")).isEqualTo("theirs");
    assertThat(ok.path("headers")).hasSize(3);
    assertThat(after.at("/paths/~1v1~1map")).isEqualTo(before.at("/paths/~1v1~1map"));
    for (String path : List.of("/paths/~1v1~1far", "/paths/~1v1~1loop")) {
      String where = path + "/get/responses/200";
      assertThat(after.at(where)).as(path).isEqualTo(before.at(where));
      assertThat(after.at(path + "/get/parameters")).as(path).hasSize(3);
    }
  }

  @Test
  void saysWhatTheAppAnsweredInstead() {
    Ear unknown = new Ear();
    told(unknown, "GET", answer(401, Fields.of("WWW-Authenticate", "Basic", "X-Own", "1"), ""));
    assertThat(unknown.status).isEqualTo(401);
    assertThat(unknown.fields.first(FieldName.WWW_AUTHENTICATE)).isEqualTo("Basic");
    assertThat(unknown.fields.first(FieldName.of("X-Own"))).isNull();
    Ear forbidden = new Ear();
    told(forbidden, "GET", 403, "");
    assertThat(forbidden.status).isEqualTo(403);
    for (int status : new int[] {302, 500, 503}) {
      Ear ear = new Ear();
      assertThat(told(ear, "GET", status, DOCUMENT)).contains("answered with " + status);
      assertThat(ear.status).isEqualTo(502);
      assertThat(ear.fields.first(FieldName.CACHE_CONTROL)).isEqualTo("no-store");
    }
    Ear large = new Ear();
    assertThat(told(large, "GET", 200, DOCUMENT + " ".repeat(4 << 20)))
        .contains("larger than 4 MB");
    assertThat(large.status).isEqualTo(502);
    Ear noText = new Ear();
    InnerAnswer octets =
        new InnerAnswer(
            200, new Fields(2), new byte[] {0, 0, 0, 1, 127, -1, -1, -1}, null, null, "");
    assertThat(told(noText, "GET", octets)).contains("is not OpenAPI 3 in JSON");
  }

  @Test
  void whatIsMadeForOneIsNoOthers() {
    CompletableFuture<InnerAnswer> document =
        CompletableFuture.completedFuture(answer(200, new Fields(2), DOCUMENT));
    OpenApi description = new OpenApi("/docs", (head, peer, limit) -> document, OpenApiTest::pages);
    for (String name : List.of("Cookie", "Authorization", "Accept-Language")) {
      Ear ear = new Ear();
      told(description, ear, "GET", Fields.of(name, "x"));
      assertThat(ear.fields.first(FieldName.CACHE_CONTROL))
          .as(name)
          .isEqualTo(name.startsWith("Accept") ? "no-cache" : "private, no-cache");
    }
  }

  @Test
  void twoReadItAtATimeAndAFailureMakesRoomAgain() {
    List<CompletableFuture<InnerAnswer>> waiting = new ArrayList<>();
    OpenApi description =
        new OpenApi(
            "/docs.json",
            (head, peer, limit) -> {
              waiting.add(new CompletableFuture<>());
              return waiting.getLast();
            },
            OpenApiTest::pages);
    Fields none = new Fields(2);
    Ear first = new Ear();
    Ear second = new Ear();
    begin(description, first, "GET", none);
    begin(description, second, "GET", none);
    Ear third = new Ear();
    told(description, third, "GET", none);
    assertThat(third.status).isEqualTo(503);
    assertThat(third.fields.first(FieldName.RETRY_AFTER)).isEqualTo("1");
    assertThat(waiting).hasSize(2);
    waiting.getFirst().completeExceptionally(new IOException("gone"));
    assertThat(first.told.orTimeout(10, TimeUnit.SECONDS).join()).contains("did not answer");
    assertThat(first.status).isEqualTo(502);
    waiting.getLast().complete(answer(200, none, DOCUMENT));
    second.told.orTimeout(10, TimeUnit.SECONDS).join();
    assertThat(second.status).isEqualTo(200);
    for (int i = 0; i < 2; i++) {
      begin(description, new Ear(), "GET", none);
    }
    assertThat(waiting).hasSize(4);
  }
}
