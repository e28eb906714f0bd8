package dev.freshet.http;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The `No-Vary-Search` field: which query parameters don't change the response
/// (draft-ietf-httpbis-no-vary-search).
///
/// @param anyOrder `key-order`: the order of parameters does not matter
/// @param allBut `params` is true: none matters but those in `names` (`except`); else all matter
///   but those in `names`
public record NoVarySearch(boolean anyOrder, boolean allBut, Set<String> names) {

  /// Null when absent, invalid, or when it says nothing.
  public static @Nullable NoVarySearch of(Fields response) {
    String value = response.combined(FieldName.NO_VARY_SEARCH);
    List<StructuredFields.Member> members =
        value == null ? null : StructuredFields.dictionary(value);
    if (members == null) {
      return null;
    }
    boolean order = false;
    boolean all = false;
    @Nullable Set<String> listed = null;
    @Nullable Set<String> except = null;
    for (StructuredFields.Member member : members) {
      switch (member.key()) {
        case "key-order" -> {
          if (!(member.value() instanceof StructuredFields.Value.Truth(boolean on))) {
            return null;
          }
          order = on;
        }
        case "params" -> {
          switch (member.value()) {
            case StructuredFields.Value.Truth(boolean on) -> all = on;
            case StructuredFields.Value.Inner(var items) -> {
              listed = keys(items);
              if (listed == null) {
                return null;
              }
            }
            default -> {
              return null;
            }
          }
        }
        case "except" -> {
          if (!(member.value() instanceof StructuredFields.Value.Inner(var items))) {
            return null;
          }
          except = keys(items);
          if (except == null) {
            return null;
          }
        }
        default -> {}
      }
    }
    if (except != null && !all) {
      return null;
    }
    Set<String> names = all ? (except == null ? Set.of() : except) : listed;
    if (names == null) {
      names = Set.of();
    }
    return order || all || !names.isEmpty() ? new NoVarySearch(order, all, names) : null;
  }

  /// Names as [QueryString#nameOf] gives them; null when anything but strings is among them.
  private static @Nullable Set<String> keys(List<StructuredFields.Value> items) {
    Set<String> out = new HashSet<>();
    for (StructuredFields.Value item : items) {
      if (!(item instanceof StructuredFields.Value.Text(String text))) {
        return null;
      }
      out.add(QueryString.decode(text));
    }
    return out;
  }

  /// The query with only what matters, in an order that is equal for equal meaning.
  public String normalise(String query) {
    List<String> kept = new ArrayList<>();
    for (String pair : QueryString.pairs(query)) {
      if (names.contains(QueryString.nameOf(pair)) == allBut) {
        kept.add(pair);
      }
    }
    if (anyOrder) {
      kept.sort(Comparator.comparing(QueryString::nameOf));
    }
    return String.join("&", kept);
  }
}
