package dev.freshet.edge;

import dev.freshet.edge.RouteRule.Share;
import dev.freshet.edge.StoredResponse.Selecting;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.VaryKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// By which fields of requests a response is chosen: those that its `Vary` names (RFC 9111, section
/// 4.1), as far as they come to the app as they came from the client.
final class Varying {
  /// What the app sees in these is written on the way to it, and differs from request to request.
  private static final Set<FieldName> WRITTEN_HERE =
      Set.of(
          FieldName.FORWARDED,
          FieldName.X_FORWARDED_FOR,
          FieldName.X_REQUEST_ID,
          FieldName.TRACEPARENT,
          FieldName.VIA);

  private Varying() {}

  /// Whether it is chosen by what no later request can be compared with.
  static boolean isBlind(VaryKey vary) {
    return vary.isStar() || vary.names().stream().anyMatch(WRITTEN_HERE::contains);
  }

  /// In alphabetical order. Where everybody shares, no cookie comes to the app, so what it says of
  /// cookies is the same for all.
  static List<FieldName> names(Fields response, RouteRule rule) {
    return names(VaryKey.parse(response), rule);
  }

  private static List<FieldName> names(VaryKey vary, RouteRule rule) {
    if (rule.share() != Share.PUBLIC || !vary.names().contains(FieldName.COOKIE)) {
      return vary.names();
    }
    return vary.names().stream().filter(name -> !name.equals(FieldName.COOKIE)).toList();
  }

  /// The request's values for what the response is chosen by.
  static Selecting of(VaryKey vary, RouteRule rule, RequestHead request) {
    List<FieldName> names = names(vary, rule);
    if (names.isEmpty()) {
      return Selecting.NOTHING;
    }
    List<String> values = new ArrayList<>(names.size());
    for (FieldName name : names) {
      values.add(VaryKey.normalised(name, request.fields()));
    }
    return new Selecting(names, values);
  }
}
