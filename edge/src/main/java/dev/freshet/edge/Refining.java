package dev.freshet.edge;

import dev.freshet.cache.Cache;
import dev.freshet.cache.Entry;
import dev.freshet.cache.Resource;
import dev.freshet.http.CacheDirectives;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import dev.freshet.http.VaryKey;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// Has better contents made of what is stored and says who gets which. Nobody waits for one, but
/// for a moment who holds the version before and needs only what differs ([#imminent]): an answer
/// is what is ready when it is asked for.
///
/// Only what is the same for everybody, whole, and as the app made it (no coding, no
/// `no-transform`, no choice of its own by `Accept`) is touched. Better contents stand in the entry
/// of their original, so they are gone when it is purged, replaced or changed by its rows.
final class Refining {
  private static final System.Logger LOG = System.getLogger("freshet.edge");
  private static final Set<Shape> TEXT = Set.of(Shape.MINIFIED);

  private final Cache<StoredResponse> cache;
  private final Compression compression;
  private final Finishing finishing;
  private final Refinery refinery;
  private final Set<Task> running = ConcurrentHashMap.newKeySet();

  /// Keys of contents that may be there minified in a moment.
  private final Map<String, CompletableFuture<Void>> imminent = new ConcurrentHashMap<>();

  /// @param width of a picture; 0 for all that has every pixel
  private record Task(String key, long stamp, @Nullable Coding coding, int width) {}

  Refining(
      Cache<StoredResponse> cache,
      Compression compression,
      Finishing finishing,
      Refinery refinery) {
    this.cache = cache;
    this.compression = compression;
    this.finishing = finishing;
    this.refinery = refinery;
  }

  /// Whether answers under that key depend on what the client says of pictures.
  boolean isPicture(Routes.Route route, String key, ResponseHead received) {
    Set<Shape> shapes = shapes(key, received.status(), received.fields());
    return !shapes.isEmpty() && !shapes.equals(TEXT) && finishing.isOn(route);
  }

  /// What a new entry begins with: null where there may be more.
  @Nullable RefinedForms initial(String key, ResponseHead received) {
    return shapes(key, received.status(), received.fields()).isEmpty() ? RefinedForms.EMPTY : null;
  }

  private Set<Shape> shapes(String key, int status, Fields said) {
    boolean mayBe =
        status == 200
            && key.indexOf(Cache.SEPARATOR) < 0
            && !said.has(FieldName.CONTENT_ENCODING)
            && !said.has(FieldName.CONTENT_RANGE);
    if (!mayBe) {
      return Set.of();
    }
    Set<Shape> shapes = refinery.shapes(said);
    return shapes.isEmpty() || CacheDirectives.parse(said).noTransform() ? Set.of() : shapes;
  }

  /// Just stored: the first who asks again may find it better.
  void stored(Routes.Route route, String key, Entry<StoredResponse> entry) {
    if (finishing.isOn(route)) {
      begin(key, entry);
    }
  }

  /// What that request gets instead of what is stored; null for just that.
  ///
  /// @param coding that the content would be sent in
  /// @param isNamed whether it is asked for by a URL that names the content
  @Nullable Form form(
      String key,
      Entry<StoredResponse> entry,
      Routes.Route route,
      RequestHead head,
      @Nullable Coding coding,
      boolean isNamed) {
    StoredResponse stored = entry.meta();
    RefinedForms refined = stored.refined();
    boolean mayBeFitted =
        FittedForms.mayBeFor(head.fields()) && (refined == null || !refined.fitted().isNever());
    if (refined != null && refined.contents().isEmpty() && !mayBeFitted) {
      return null;
    }
    if (finishing.level(route, head) == Polish.Level.OFF) {
      return null;
    }
    if (refined == null) {
      begin(key, entry);
      return null;
    }
    Form picture =
        refined.plain().isEmpty() ? null : refined.picture(PictureTypes.of(head.fields()));
    if (!refined.plain().isEmpty() && refinery.isUnfinished(key)) {
      refine(key, entry);
    }
    Form fitted = mayBeFitted ? fitted(key, entry, head, refined) : null;
    if (fitted != null && (picture == null || fitted.length() < picture.length())) {
      return fitted;
    }
    if (picture != null || coding == null) {
      return picture;
    }
    Refinery.Refined minified = refined.contents().get(Shape.MINIFIED);
    if (minified == null || !minified.isFor(head, isNamed)) {
      return null;
    }
    Form form = refined.coded().get(coding);
    if (form == null) {
      code(key, entry, minified, coding);
    }
    return form;
  }

  /// Done when what is made of the content in a moment is there, if anything; null where that is so
  /// already.
  @Nullable CompletableFuture<Void> imminent(String key) {
    return imminent.get(key);
  }

  /// What was minified of it, for who asks so; null for none.
  Refinery.@Nullable Refined minified(
      Entry<StoredResponse> entry, RequestHead head, boolean isNamed) {
    RefinedForms refined = entry.meta().refined();
    Refinery.Refined minified = refined == null ? null : refined.contents().get(Shape.MINIFIED);
    return minified != null && minified.isFor(head, isNamed) ? minified : null;
  }

  /// The picture with just the pixels that who asks shows; null where that is not known, or there
  /// is none yet.
  private @Nullable Form fitted(
      String key, Entry<StoredResponse> entry, RequestHead head, RefinedForms refined) {
    int width = refinery.width(key, head.fields());
    if (width == 0) {
      return null;
    }
    boolean isCounted = refined.fitted().count(width);
    if (!isCounted) {
      swap(key, entry, (now, had) -> had.with(had.fitted().counting(width)));
    }
    if (refined.fitted().lacks(width)) {
      fit(key, entry, width);
    }
    return refined.fitted().atLeast(width);
  }

  private void fit(String key, Entry<StoredResponse> entry, int width) {
    StoredResponse stored = entry.meta();
    boolean mayBe =
        shapes(key, stored.head().status(), stored.head().fields()).contains(Shape.FITTED)
            && !choosesItself(stored);
    if (!mayBe) {
      swap(key, entry, (now, refined) -> refined.with(FittedForms.NEVER));
      return;
    }
    Task task = new Task(key, entry.stamp(), null, width);
    if (!running.add(task)) {
      return;
    }
    try {
      boolean isAccepted =
          refinery.fit(
              entry.body(),
              width,
              made ->
                  swap(
                      key,
                      entry,
                      (now, refined) ->
                          refined.with(width, made.content(), now.meta().head(), stem(now))));
      if (isAccepted) {
        swap(key, entry, (now, refined) -> refined.with(refined.fitted().asked(width)));
      }
    } finally {
      running.remove(task);
    }
  }

  private void begin(String key, Entry<StoredResponse> entry) {
    StoredResponse stored = entry.meta();
    if (stored.refined() != null) {
      return;
    }
    Fields said = stored.head().fields();
    if (shapes(key, stored.head().status(), said).isEmpty() || choosesItself(stored)) {
      swap(key, entry, (now, refined) -> refined);
      return;
    }
    refine(key, entry);
  }

  private void refine(String key, Entry<StoredResponse> entry) {
    Task task = new Task(key, entry.stamp(), null, 0);
    if (!running.add(task)) {
      return;
    }
    CompletableFuture<Void> over = new CompletableFuture<>();
    imminent.put(key, over);
    try {
      Fields said = entry.meta().head().fields();
      boolean isAccepted =
          refinery.refine(
              key,
              said,
              entry.body(),
              made -> keep(key, entry, made),
              () -> {
                imminent.remove(key, over);
                over.complete(null);
              });
      if (isAccepted) {
        swap(key, entry, (now, refined) -> refined);
      }
    } finally {
      running.remove(task);
    }
  }

  /// An app that sends different content by `Accept` knows best.
  private static boolean choosesItself(StoredResponse stored) {
    return stored.selecting().names().contains(FieldName.ACCEPT)
        || VaryKey.parse(stored.head().fields()).isStar();
  }

  private void keep(String key, Entry<StoredResponse> entry, Refinery.Refined made) {
    swap(key, entry, (now, refined) -> refined.with(made, now.meta().head(), stem(now)));
    if (made.shape() == Shape.MINIFIED) {
      // Whoever came so far names the codings that are asked for.
      entry.meta().coded().keySet().forEach(coding -> code(key, entry, made, coding));
    }
  }

  private static String stem(Entry<StoredResponse> entry) {
    String tag = entry.meta().head().fields().first(FieldName.ETAG);
    return RefinedForms.stem(tag, tag == null ? new Sha256().addAll(entry.body()).endShort() : "");
  }

  private void code(
      String key, Entry<StoredResponse> entry, Refinery.Refined minified, Coding coding) {
    Task task = new Task(key, entry.stamp(), coding, 0);
    if (!running.add(task)) {
      return;
    }
    boolean isAccepted =
        compression.soon(() -> {
          try {
            code(key, entry, minified, coding, Effort.WELL);
          } finally {
            running.remove(task);
          }
          long length = Form.length(minified.content());
          if (Effort.isUtmostFor(entry.meta(), length, coding)) {
            // Where there is no room for that, what is there by now does.
            compression.idle(length, () -> code(key, entry, minified, coding, Effort.UTMOST));
          }
        });
    if (!isAccepted) {
      running.remove(task);
    }
  }

  /// Not where something else was minified of it meanwhile.
  @SuppressWarnings("ReferenceEquality")
  private void code(
      String key,
      Entry<StoredResponse> entry,
      Refinery.Refined minified,
      Coding coding,
      Effort effort) {
    try {
      byte[][] content = compression.encode(minified.content(), coding, effort);
      swap(
          key,
          entry,
          (now, refined) ->
              refined.contents().get(Shape.MINIFIED) == minified
                  ? refined.with(coding, content, now.meta().head(), stem(now))
                  : refined);
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "a minified form ended in an internal fault", e);
    }
  }

  /// Changes the better contents of the entry, wherever it is by now; others may change it at the
  /// same time.
  private void swap(
      String key,
      Entry<StoredResponse> entry,
      BiFunction<Entry<StoredResponse>, RefinedForms, RefinedForms> change) {
    boolean isOvertaken = true;
    while (isOvertaken) {
      Entry<StoredResponse> now = current(key, entry);
      if (now == null) {
        return;
      }
      RefinedForms before = now.meta().refined();
      RefinedForms after = change.apply(now, before == null ? RefinedForms.EMPTY : before);
      StoredResponse with = now.meta().withRefined(after);
      isOvertaken =
          !cache.swap(
              key,
              now,
              cache.newEntry(
                  with, now.body(), now.groups(), now.stamp(), with.weight(), now.evidence()));
    }
  }

  /// The entry with the same content as it is now; null when it is gone.
  @Nullable Entry<StoredResponse> current(String key, Entry<StoredResponse> entry) {
    Resource<StoredResponse> resource = cache.heap(key);
    for (int i = 0; resource != null && i < resource.size(); i++) {
      if (Arrays.equals(resource.get(i).body(), entry.body())) {
        return resource.get(i);
      }
    }
    return null;
  }
}
