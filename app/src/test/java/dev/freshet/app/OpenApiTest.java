package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.base.ByteSize;
import dev.freshet.edge.InnerAnswer;
import dev.freshet.edge.Pagination;
import dev.freshet.http.Caller;
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

  private String told(Ear ear, String method, int status, String document) {
    OpenApi description =
        new OpenApi(
            "/docs.json",
            (head, peer, limit) -> {
              asked.add(head);
              byte[] content = document.getBytes(StandardCharsets.UTF_8);
              return CompletableFuture.completedFuture(
                  new InnerAnswer(status, new Fields(2), content, null, null, ""));
            },
            OpenApiTest::pages);
    Fields fields = Fields.of("Cookie", "sid=ann", "Accept-Encoding", "gzip", "Range", "bytes=0-");
    var _ =
        description.begin(
            new RequestHead(method, "http", "shop.test", OpenApi.PATH, fields, Version.HTTP_1_1),
            ear);
    return ear.told.orTimeout(10, TimeUnit.SECONDS).join();
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
}
