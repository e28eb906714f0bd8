package dev.freshet.edge;

import dev.freshet.http.FieldLists;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.ArrayList;
import java.util.List;

/// What is stored is stored as browsers are told of it. Who wants nothing from here is told what
/// the app said: without a word for browsers, a tag of ours, a use as a dictionary or a choice by
/// `Accept`.
///
/// What rows keep stays as it is: that a browser has to ask for it is no improvement, but what
/// makes it true. So does what is said of codings.
///
/// Who held a tag of ours gets the whole answer, not a 304: nothing in a 304 could take back what
/// came with that tag.
final class AppsHead {
  private static final String ACCEPT = "Accept";

  private AppsHead() {}

  /// The same head where there is nothing of ours in it.
  ///
  /// @param told the stored one, or that of a coded form
  static Stored of(Stored told, StoredResponse stored, String path) {
    Fields fields = told.fields();
    return hasMore(fields, stored, path)
        ? new Stored(told.status(), without(fields, stored, path))
        : told;
  }

  /// As [#of], for an answer on its way.
  static Fields fields(Fields told, StoredResponse stored, String path) {
    return hasMore(told, stored, path) ? without(told, stored, path) : told;
  }

  private static boolean hasMore(Fields told, StoredResponse stored, String path) {
    return BrowserFields.isMarked(told)
        || OwnTag.isByTime(told.first(FieldName.ETAG))
        || DictionaryFields.isOurs(told, path)
        || isChosenHere(told, stored);
  }

  private static Fields without(Fields told, StoredResponse stored, String path) {
    Fields out = told.copy();
    // First, as it goes by how long browsers may keep the answer.
    if (DictionaryFields.isOurs(out, path)) {
      out.remove(DictionaryFields.USE);
    }
    BrowserFields.takeBack(out);
    if (OwnTag.isByTime(out.first(FieldName.ETAG))) {
      out.remove(FieldName.ETAG);
    }
    if (isChosenHere(out, stored)) {
      List<String> names = new ArrayList<>(FieldLists.split(vary(out)));
      names.removeIf(ACCEPT::equalsIgnoreCase);
      if (names.isEmpty()) {
        out.remove(FieldName.VARY);
      } else {
        out.set(FieldName.VARY, String.join(", ", names));
      }
    }
    return out;
  }

  /// What the app named in `Vary` is what the answer was selected by.
  private static boolean isChosenHere(Fields told, StoredResponse stored) {
    return told.has(FieldName.VARY)
        && !stored.selecting().names().contains(FieldName.ACCEPT)
        && FieldLists.split(vary(told)).stream().anyMatch(ACCEPT::equalsIgnoreCase);
  }

  private static String vary(Fields told) {
    String all = told.combined(FieldName.VARY);
    return all == null ? "" : all;
  }
}
