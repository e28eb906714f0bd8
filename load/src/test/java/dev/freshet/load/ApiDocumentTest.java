package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ApiDocumentTest {
  private static List<String> targets(String text) {
    return Objects.requireNonNull(ApiDocument.read(text)).targets();
  }

  @Test
  void whatNeedsNothingAndWhatTheDocumentHasExamplesOfCanBeAskedFor() {
    assertThat(
            targets(
                """
                {"openapi": "3.1.0", "servers": [{"url": "http://localhost:3000/v1/"}],
                 "paths": {
                  "/items": {"get": {"parameters": [{"name": "page", "in": "query"}]}, "post": {}},
                  "/items/{id}": {
                    "parameters": [{"$ref": "#/components/parameters/id"}], "get": {}},
                  "/unknown/{key}": {"get": {"parameters": [
                    {"name": "key", "in": "path", "required": true}]}},
                  "/find": {"get": {"parameters": [
                    {"name": "q", "in": "query", "required": true, "example": "a b"},
                    {"name": "sort", "in": "query", "required": true,
                     "schema": {"enum": ["name", "price"]}}]}},
                  "/tenant": {"get": {"parameters": [
                    {"name": "X-Tenant", "in": "header", "required": true, "example": "a"}]}},
                  "/orders": {"post": {}}},
                 "components": {"parameters": {"id": {"name": "id", "in": "path", "required": true,
                  "schema": {"type": "integer", "default": 7}}}}}
                """))
        .containsExactly("/v1/items", "/v1/items/7", "/v1/find?q=a%20b&sort=name");
  }

  @Test
  void whatTakesCredentialsIsNotAskedFor() {
    assertThat(
            targets(
                """
                {"swagger": "2.0", "basePath": "/api", "security": [{"key": []}],
                 "paths": {"/mine": {"get": {}}, "/public": {"get": {"security": []}},
                  "/either": {"get": {"security": [{"key": []}, {}]}}}}
                """))
        .containsExactly("/api/public", "/api/either");
  }

  @Test
  void somethingElseIsNoDocument() {
    assertThat(ApiDocument.read("<html>")).isNull();
    assertThat(ApiDocument.read("{\"paths\": {}}")).isNull();
  }
}
