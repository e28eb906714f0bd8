package dev.freshet.edge;

import dev.freshet.base.Meters;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.OwnResource;
import dev.freshet.http.OwnText;
import dev.freshet.http.OwnText.Text;
import dev.freshet.http.RequestHead;
import java.util.Locale;
import java.util.Map;

/// Pages that browsers fetch a moment before anybody asks for them, when a link is pressed down:
/// from memory, or not at all.
///
/// The app never hears of such a request, so nothing can happen by it. A page fetched so is shown
/// as it was when the link was pressed: any sooner, and rows might have changed since.
final class Speculation {
  static final String PATH = "/.freshet/speculation-rules.json";
  static final FieldName RULES = FieldName.of("Speculation-Rules");
  private static final FieldName PURPOSE = FieldName.of("Sec-Purpose");
  private static final FieldName DESTINATION = FieldName.of("Sec-Fetch-Dest");
  private static final FieldName TAGS = FieldName.of("Sec-Speculation-Tags");

  private static final String RULE_SET =
      """
      {"tag":"freshet","prefetch":[{"source":"document","eagerness":"conservative","where":{"and":[\
      {"href_matches":"/*"},{"not":{"href_matches":"/.freshet/*"}},\
      {"not":{"selector_matches":"[download], [rel~=nofollow], [target=_blank]"}}]}}]}
      """;

  private final Meters.Counter given;
  private final Meters.Counter refused;

  Speculation(Meters meters) {
    String help = "Pages asked for before anybody wanted them, from memory or refused";
    given = meters.counter("freshet_speculations_total", help, Map.of("answer", "memory"));
    refused = meters.counter("freshet_speculations_total", help, Map.of("answer", "refused"));
  }

  /// Whether a request is made by the rules given here. What the app's own rules or links make
  /// concerns the app: browsers name the rules, where they know how.
  static boolean is(RequestHead head) {
    Fields fields = head.fields();
    String purpose = fields.has(PURPOSE) ? fields.first(PURPOSE) : null;
    if (purpose == null || !purpose.toLowerCase(Locale.ROOT).startsWith("prefetch")) {
      return false;
    }
    String tags = fields.combined(TAGS);
    return head.method().equals("GET")
        && "document".equals(fields.first(DESTINATION))
        && (tags == null || tags.contains("\"freshet\""));
  }

  void count(boolean isGiven) {
    (isGiven ? given : refused).increment();
  }

  long given() {
    return given.sum();
  }

  long refused() {
    return refused.sum();
  }

  /// The rules, for browsers to fetch.
  static OwnResource rules() {
    Text rules = Text.of("application/speculationrules+json", "max-age=3600", RULE_SET);
    return new OwnText(head -> rules);
  }
}
