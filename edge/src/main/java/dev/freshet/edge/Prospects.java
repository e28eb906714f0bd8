package dev.freshet.edge;

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
      @Nullable Parts parts,
      long length,
      Trip trip,
      Site site) {
    Fields fields = received.fields().copy();
    fields.remove(FieldName.AGE);
    // Another Freshet's word is an app's word here.
    fields.remove(BrowserFields.OPTIMIZED);
    if (trip.route().rule().share() == RouteRule.Share.PUBLIC) {
      fields.remove(FieldName.SET_COOKIE);
    }
    if (store.rules().byRows()) {
      RowsFields.forBrowsers(fields, trip.route().rule().share());
    } else if (mayTellBrowsers(received, parts, trip, site)) {
      BrowserFields.add(
          fields, trip.asked().path(), store.times().lifetimeMillis(), trip.route().rule());
      DictionaryFields.add(fields, trip.key(), trip.asked().path(), length);
    }
    if (!store.rules().byRows() && parts == null && site.finishing().isOn(trip.route())) {
      BrowserFields.ask(received, fields);
    }
    boolean codable = site.isCodable(trip.route(), received, length) && parts == null;
    if (codable) {
      CodedVariants.varyOnCoding(fields);
    }
    boolean isPlain = parts == null;
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
            parts,
            length,
            codable,
            Map.of(),
            isPlain ? site.refining().initial(trip.key(), received) : RefinedForms.EMPTY);
    return new Prospect(
        stored, new ResponseHead(received.status(), fields), codable ? trip.coding() : null);
  }

  /// Whether the answer is one that everybody may have, made without knowing who asked.
  private static boolean mayTellBrowsers(
      ResponseHead received, @Nullable Parts parts, Trip trip, Site site) {
    return received.status() == 200
        && parts == null
        && !trip.hasSession()
        && !trip.asked().fields().has(FieldName.AUTHORIZATION)
        && trip.route().rule().share() != RouteRule.Share.BY_USER
        && trip.route().rule().rows() == null
        && site.finishing().isOn(trip.route());
  }

  /// The same with its length known at last, and with a tag.
  ///
  /// @param digest of the content, where it was made while that came
  /// @param target null where nothing is told to browsers that the app did not say
  static StoredResponse complete(
      StoredResponse prospect,
      long length,
      byte[][] content,
      @Nullable Sha256 digest,
      @Nullable String target) {
    Fields fields = prospect.head().fields();
    int status = prospect.head().status();
    if (OwnTag.isMadeOf(prospect)) {
      fields = fields.copy();
      OwnTag.addByRows(fields, digest == null ? new Sha256().addAll(content) : digest);
    } else if (target != null
        && status == 200
        && prospect.isWhole()
        && !prospect.rules().byRows()) {
      fields = fields.copy();
      BrowserFields.complete(fields, target, content);
    }
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
        prospect.parts(),
        prospect.isWhole() ? length : prospect.contentLength(),
        prospect.codable(),
        prospect.coded(),
        prospect.refined());
  }
}
