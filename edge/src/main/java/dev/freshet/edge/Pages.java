package dev.freshet.edge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.freshet.base.Meters;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is known of stored lists so that pages are cut without reading them again: where their
/// elements are, pages made lately, and orders that walks go by.
///
/// Beside the cache, bounded by shares of its memory: an index lasts as long as the very content it
/// was made of is stored.
final class Pages {
  private static final int MAX_ELEMENTS = 1_000_000;

  private final Cache<byte[][], Indexed> indexes;
  private final Cache<Place, Form> forms;
  private final Orders orders;
  private final int mostElements;

  private record Indexed(Pagination how, ListIndex index) {}

  /// Where a page is found again.
  ///
  /// @param list the head of the list as stored: another is another list
  /// @param wanted as [PageAsk#text]
  /// @param coding that the request prefers, whether or not the page came to be coded
  record Place(Stored list, Pagination how, String wanted, @Nullable Coding coding) {}

  /// @param memory octets that the cache may take
  Pages(long memory, Meters meters) {
    long share = memory / 16;
    mostElements = (int) Math.min(MAX_ELEMENTS, 2 * share / ListIndex.WEIGHT);
    indexes =
        Caffeine.newBuilder()
            .weakKeys()
            .maximumWeight(2 * share + 1_000)
            .weigher((byte[][] content, Indexed found) -> found.index().weight())
            .executor(Runnable::run)
            .build();
    forms =
        Caffeine.newBuilder()
            .maximumWeight(share)
            .weigher((Place place, Form form) -> weight(place, form))
            .executor(Runnable::run)
            .build();
    orders = new Orders(share);
    meters.gauge(
        "freshet_edge_list_indexes",
        "Stored lists whose elements are known",
        Map.of(),
        () -> (double) indexes.estimatedSize());
  }

  private static int weight(Place place, Form form) {
    long octets = 500 + place.wanted().length() + 3L * form.head().lines().length + form.length();
    return (int) Math.min(Integer.MAX_VALUE, octets);
  }

  Orders orders() {
    return orders;
  }

  /// The index of that very array of pieces, if it was made before.
  @Nullable ListIndex known(byte[][] content, Pagination how) {
    Indexed found = indexes.getIfPresent(content);
    return found == null || !found.how().equals(how) ? null : found.index();
  }

  /// Reads a content through.
  ListIndex read(byte[][] content, Pagination how) {
    return ListIndex.of(
        new Octets(content),
        JsonPointer.parse(how.path()),
        JsonPointer.parse(how.key()),
        mostElements);
  }

  /// Remembers the index of a stored content.
  void keep(byte[][] content, Pagination how, ListIndex index) {
    indexes.put(content, new Indexed(how, index));
  }

  @Nullable Form form(Place place) {
    return forms.getIfPresent(place);
  }

  void keep(Place place, Form form) {
    forms.put(place, form);
  }
}
