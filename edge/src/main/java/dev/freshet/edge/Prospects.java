package dev.freshet.edge;

import dev.freshet.edge.StoredResponse.Part;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.ResponseHead;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Turns a received head into what will be stored and what is sent meanwhile.
final class Prospects {
  private Prospects() {}

  /// @param stored without a known length when the origin announced none
  /// @param head what readers of the plain content are sent, without `Age` and `Cache-Status`
  /// @param coding the coding in which the leader gets it, or null
  record Prospect(StoredResponse stored, ResponseHead head, @Nullable Coding coding) {}

  /// @param received without hop-by-hop fields, with a `Date`
  static Prospect make(
      ResponseHead received,
      Storing.Verdict.Store store,
      @Nullable Part part,
      long length,
      Trip trip,
      Site site) {
    Fields fields = received.fields().copy();
    fields.remove(FieldName.AGE);
    if (trip.route().rule().share() != RouteRule.Share.BY_RESPONSE && !keepsCookies(trip)) {
      fields.remove(FieldName.SET_COOKIE);
    }
    if (store.rules().byRows()) {
      RowsFields.forBrowsers(fields, trip.route().rule().share());
    }
    boolean codable = site.isCodable(trip.route(), received, length) && part == null;
    if (codable) {
      CodedVariants.varyOnCoding(fields);
    }
    boolean isPlain = part == null;
    if (isPlain && site.refining().isPicture(trip.route(), trip.key(), received)) {
      CodedVariants.varyOn(fields, "Accept");
    }
    Fields kept = fields;
    if (!store.unstored().isEmpty()) {
      kept = fields.copy();
      kept.removeIf(store.unstored()::contains);
    }
    StoredResponse stored =
        new StoredResponse(
            new Stored(received.status(), kept),
            store.selecting(),
            store.times(),
            store.rules(),
            Storing.validators(kept),
            part,
            length,
            codable,
            Map.of(),
            isPlain ? site.refining().initial(trip.key(), received) : RefinedForms.EMPTY);
    return new Prospect(
        stored, new ResponseHead(received.status(), fields), codable ? trip.coding() : null);
  }

  /// A response of one user's that rows could not keep still is that user's own.
  private static boolean keepsCookies(Trip trip) {
    RouteRule rule = trip.route().rule();
    return rule.rows() != null && rule.share() == RouteRule.Share.BY_USER;
  }

  /// The same with its length known at last, and with a tag where rows keep it.
  static StoredResponse complete(StoredResponse prospect, long length, byte[][] content) {
    Fields fields = prospect.head().fields();
    if (prospect.rules().byRows() && prospect.isWhole()) {
      fields = fields.copy();
      RowsFields.tag(fields, content);
    }
    int status = prospect.head().status();
    boolean mayHaveLength = status != 204 && status != 304;
    if (mayHaveLength && !Long.toString(length).equals(fields.first(FieldName.CONTENT_LENGTH))) {
      fields = fields.copy().set(FieldName.CONTENT_LENGTH, Long.toString(length));
    }
    return new StoredResponse(
        new Stored(status, fields),
        prospect.selecting(),
        prospect.times(),
        prospect.rules(),
        prospect.validators(),
        prospect.part(),
        prospect.part() == null ? length : prospect.contentLength(),
        prospect.codable(),
        prospect.coded(),
        prospect.refined());
  }
}
