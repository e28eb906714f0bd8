package dev.freshet.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.freshet.base.Trouble;
import java.util.List;
import java.util.Map;

/// Where the time of trips to the app went, for `GET /bottlenecks`. What is answered from memory
/// makes no trip and is not in it.
///
/// @param isMeasured false when there was no trip: then nothing is known, and nothing is well
/// @param trips answered since the start
/// @param millis that they took together
/// @param notes what was not measured, and why
/// @param bottlenecks the largest first
/// @param indexes that the database lacks, those first whose statements took most
public record BottleneckReport(
    boolean isMeasured,
    long trips,
    double millis,
    List<String> notes,
    List<Bottleneck> bottlenecks,
    List<RouteTime> routes,
    List<IndexAdvice> indexes) {

  /// The names of parts, in order.
  static final List<String> PARTS =
      List.of(
          "before", "connection", "app", "poolWait", "statements", "fence", "coding", "transfer");

  /// What a running Freshet says.
  static BottleneckReport of(AdminApi admin) throws InterruptedException {
    ObjectMapper json =
        JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
    try {
      return json.treeToValue(admin.get("/bottlenecks"), BottleneckReport.class);
    } catch (JsonProcessingException e) {
      throw new Trouble.Found(
          new Trouble(
              "--admin " + admin.address() + "/bottlenecks",
              "the answer is not what this version knows",
              "use the same version of Freshet on both sides"));
    }
  }

  /// One kind of request.
  ///
  /// @param tripsWithStatements those for which a statement was seen
  /// @param parallelTrips those whose statements took longer than the whole answer, side by side
  /// @param meanBytes of content, as it was handed to clients
  /// @param parts by name, see [#PARTS]; poolWait and statements are absent where no statement was
  ///   seen
  /// @param statements those that took most of it
  /// @param slowest the slowest trips
  public record RouteTime(
      String route,
      long trips,
      long failedTrips,
      long tripsWithStatements,
      long parallelTrips,
      double meanMillis,
      double p50Millis,
      double p95Millis,
      double meanBytes,
      Map<String, Part> parts,
      List<StatementTime> statements,
      List<SlowTrip> slowest) {}

  /// @param meanMillis by trip
  /// @param share of all parts
  public record Part(double meanMillis, double share) {}

  /// @param perTrip calls for each trip that ran it
  /// @param share of the time of the route's trips
  public record StatementTime(
      String fingerprint,
      String text,
      long calls,
      double perTrip,
      int mostForOneTrip,
      double meanMillis,
      double totalMillis,
      double missedMillisAtMost,
      double share) {}

  /// @param trace under which the app and its statements can be found in other tools; empty where
  ///   no database is known
  public record SlowTrip(
      String trace, double millis, long statements, Map<String, Double> partMillis) {}
}
