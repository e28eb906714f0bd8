package dev.freshet.edge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.freshet.base.Meters;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What is known of stored lists so that pages are cut without reading them again: where their
/// elements are, pages made lately, and orders that walks go by.
///
/// Beside the cache, bounded by shares of its memory: an index lasts as long as the very content it
/// was made of is stored.
final class Pages {
  private static final int MAX_ELEMENTS = 1_000_000;

  private final Cache<byte[], Reading> indexes;
  private final Cache<Place, Form> forms;
  private final Orders orders;
  private final int mostElements;

  /// An index that is there or being made.
  private record Reading(Pagination how, long length, CompletableFuture<ListIndex> index) {
    boolean isOf(Pagination other, long octets) {
      return how.equals(other) && length == octets;
    }

    int weight() {
      return index.isDone() && !index.isCompletedExceptionally() ? index.join().weight() : 0;
    }
  }

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
            .weigher((byte[] mark, Reading reading) -> reading.weight())
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

  /// Elements of the longest list that is cut.
  int mostElements() {
    return mostElements;
  }

  Orders orders() {
    return orders;
  }

  /// The index of a content; whoever asks while it is read waits for that one reading.
  ///
  /// A content is known by one of its pieces: those who read along with one trip share them, and so
  /// do those who find the same entry, which has the trip's large ones.
  ///
  /// @param where does the reading, or says false when it has no room; then the index fails with a
  ///   [RejectedExecutionException]
  CompletableFuture<ListIndex> index(byte[][] content, Pagination how, Predicate<Runnable> where) {
    long length = Form.length(content);
    if (length == 0) {
      return CompletableFuture.completedFuture(ListIndex.NONE);
    }
    byte[] mark = mark(content);
    Reading mine = new Reading(how, length, new CompletableFuture<>());
    Reading known = mark.length == 0 ? null : indexes.asMap().putIfAbsent(mark, mine);
    if (known != null && known.isOf(how, length)) {
      return known.index();
    }
    boolean isKept = mark.length > 0;
    if (known != null) {
      // By a rule that a reload has replaced, or of another end.
      indexes.put(mark, mine);
    }
    boolean isAccepted =
        where.test(() -> {
          try {
            ListIndex made = read(content, how);
            mine.index().complete(made);
          } catch (RuntimeException | Error e) {
            mine.index().completeExceptionally(e);
          }
          if (isKept) {
            settle(mark, mine);
          }
        });
    if (!isAccepted) {
      mine.index().completeExceptionally(new RejectedExecutionException("too much waits already"));
      indexes.asMap().remove(mark, mine);
    }
    return mine.index();
  }

  /// What it is known by: the first piece that stays as it is when the content is stored.
  private static byte[] mark(byte[][] content) {
    for (byte[] piece : content) {
      if (piece.length >= Track.LARGE) {
        return piece;
      }
    }
    return content[0];
  }

  /// Only now it is known what it weighs.
  private void settle(byte[] mark, Reading done) {
    if (done.index().isCompletedExceptionally()) {
      indexes.asMap().remove(mark, done);
    } else {
      indexes.asMap().replace(mark, done, new Reading(done.how(), done.length(), done.index()));
    }
  }

  private ListIndex read(byte[][] content, Pagination how) {
    return ListIndex.of(
        new Pieces(content),
        JsonPointer.parse(how.path()),
        JsonPointer.parse(how.key()),
        mostElements);
  }

  @Nullable Form form(Place place) {
    return forms.getIfPresent(place);
  }

  void keep(Place place, Form form) {
    forms.put(place, form);
  }
}
