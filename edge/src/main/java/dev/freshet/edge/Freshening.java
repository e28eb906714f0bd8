package dev.freshet.edge;

import dev.freshet.edge.StoredResponse.Coded;
import dev.freshet.edge.StoredResponse.Rules;
import dev.freshet.edge.StoredResponse.Selecting;
import dev.freshet.edge.StoredResponse.Validators;
import dev.freshet.http.CacheDirectives;
import dev.freshet.http.EntityTag;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.VaryKey;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Updates a stored response from a 304 or from a HEAD's answer (RFC 9111, sections 3.2 and 4.3.4).
final class Freshening {
  private static final Set<FieldName> KEPT =
      Set.of(
          FieldName.CONTENT_LENGTH,
          FieldName.CONTENT_ENCODING,
          FieldName.CONTENT_TYPE,
          FieldName.CONTENT_RANGE,
          FieldName.SET_COOKIE);

  private Freshening() {}

  /// True when the new validators don't contradict the stored ones.
  static boolean isSame(Validators stored, Fields fresh) {
    String etag = fresh.first(FieldName.ETAG);
    if (etag != null && stored.etag() != null) {
      return EntityTag.weakEquals(etag, stored.etag());
    }
    String modified = fresh.first(FieldName.LAST_MODIFIED);
    return modified == null
        || stored.lastModified() == null
        || modified.equals(stored.lastModified());
  }

  /// Stored fields with the fresh ones in their place; content's own description stays.
  ///
  /// @param fresh without hop-by-hop fields
  static Fields merge(Fields stored, Fields fresh) {
    Set<FieldName> replaced = new HashSet<>();
    for (int i = 0; i < fresh.size(); i++) {
      if (!KEPT.contains(fresh.name(i))) {
        replaced.add(fresh.name(i));
      }
    }
    replaced.remove(FieldName.AGE);
    Fields out = stored.copy();
    out.removeIf(replaced::contains);
    for (int i = 0; i < fresh.size(); i++) {
      if (replaced.contains(fresh.name(i))) {
        out.add(fresh.name(i), fresh.value(i));
      }
    }
    return out;
  }

  /// What it is chosen by from now on: also by what the confirmation names (RFC 9111, section
  /// 4.3.4). For who asked it was right.
  static Selecting selecting(Selecting stored, Fields fresh, RequestHead asked, RouteRule rule) {
    List<FieldName> named = Varying.names(fresh, rule);
    if (stored.names().containsAll(named)) {
      return stored;
    }
    TreeMap<String, FieldName> names = new TreeMap<>();
    stored.names().forEach(name -> names.put(name.lower(), name));
    named.forEach(name -> names.put(name.lower(), name));
    List<String> values = new ArrayList<>(names.size());
    for (FieldName name : names.values()) {
      int known = stored.names().indexOf(name);
      values.add(known < 0 ? VaryKey.normalised(name, asked.fields()) : stored.values().get(known));
    }
    return new Selecting(List.copyOf(names.values()), values);
  }

  /// The stored response on the new terms, the forms made of it with it.
  static StoredResponse apply(StoredResponse stored, Fields merged, Storing.Verdict.Store terms) {
    Fields sent = merged.copy();
    sent.removeIf(terms.unstored()::contains);
    Rules rules = terms.rules();
    if (!stored.rules().anonymous()) {
      // Whoever confirmed it, its content is what another's credentials made.
      rules = new Rules(rules.mustRevalidate(), rules.shared(), rules.byRows(), false);
    }
    if (CacheDirectives.parse(merged).noTransform()) {
      // What was made of it before may be sent no more.
      return stored
          .with(
              new Stored(stored.head().status(), sent),
              terms.times(),
              rules,
              Storing.validators(sent))
          .untouched();
    }
    Map<Coding, Coded> coded = new EnumMap<>(Coding.class);
    stored
        .coded()
        .forEach((coding, old) -> {
          Form form = old.form();
          Finish had = old.finish();
          Finish finish = had == null ? null : had.under(sent, terms.times().bornMillis());
          Fields fields = CodedVariants.fields(sent, coding, form.length(), finish);
          Stored head = new Stored(stored.head().status(), fields);
          coded.put(coding, new Coded(new Form(head, form.content()), old.best(), finish));
        });
    if (stored.codable()) {
      CodedVariants.varyOnCoding(sent);
    }
    Stored head = new Stored(stored.head().status(), sent);
    StoredResponse fresh =
        stored.with(head, terms.times(), rules, Storing.validators(sent)).withCoded(coded);
    RefinedForms refined = stored.refined();
    return refined == null ? fresh : fresh.withRefined(refined.under(head));
  }
}
