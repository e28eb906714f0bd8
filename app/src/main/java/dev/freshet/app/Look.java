package dev.freshet.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/// A running Freshet's figures at one moment, as its admin API told them.
///
/// @param nanos when, on a clock of which only differences mean anything
record Look(JsonNode status, JsonNode routes, JsonNode pool, JsonNode statements, long nanos) {

  static Look at(AdminApi api, String sort, int limit, long nanos) throws InterruptedException {
    return new Look(
        api.get("/status"),
        api.get("/routes"),
        api.get("/pool"),
        api.get("/statements?sort=" + sort + "&limit=" + limit),
        nanos);
  }

  /// For JSON.
  Map<String, Object> data() {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("status", status);
    out.put("routes", routes.path("routes"));
    out.put("pool", pool);
    out.put("statements", statements);
    return out;
  }
}
