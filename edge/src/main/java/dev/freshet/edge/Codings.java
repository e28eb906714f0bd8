package dev.freshet.edge;

import dev.freshet.cache.Cache;
import dev.freshet.cache.Entry;
import dev.freshet.cache.Resource;
import dev.freshet.edge.StoredResponse.Coded;
import dev.freshet.http.Fields;
import io.netty.channel.EventLoop;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Makes a stored response's coded forms: at the fast level when somebody waits for one, at the
/// best level when there is time; once each.
final class Codings {
  /// The best level takes some hundred milliseconds a megabyte: only what lives on and is not huge
  /// earns that back.
  private static final long MIN_LIFETIME_MILLIS = 300_000;

  private static final long MAX_OCTETS = 4 << 20;

  private final Cache<StoredResponse> cache;
  private final Compression compression;
  private final Set<Task> running = ConcurrentHashMap.newKeySet();

  private record Task(String key, Coding coding, long stamp) {}

  Codings(Cache<StoredResponse> cache, Compression compression) {
    this.cache = cache;
    this.compression = compression;
  }

  /// Codes off the loop and calls back on it; gives the plain form when coding gains nothing or
  /// there is no room for the work.
  void now(
      String key, Entry<StoredResponse> entry, Coding coding, EventLoop loop, Consumer<Form> then) {
    Form plain = new Form(entry.meta().head(), entry.body());
    boolean accepted =
        compression.inBackground(() -> {
          Coded coded = make(entry, coding, false);
          if (coded != null) {
            keep(key, entry, coding, coded);
          }
          Form form = coded == null ? plain : coded.form();
          loop.execute(() -> then.accept(form));
          if (coded != null) {
            improve(key, entry, coding);
          }
        });
    if (!accepted) {
      then.accept(plain);
    }
  }

  /// Replaces every form made at the fast level.
  void improve(String key, Entry<StoredResponse> entry) {
    entry
        .meta()
        .coded()
        .forEach((coding, form) -> {
          if (!form.best()) {
            improve(key, entry, coding);
          }
        });
  }

  private void improve(String key, Entry<StoredResponse> entry, Coding coding) {
    Task task = new Task(key, coding, entry.stamp());
    boolean isWorthIt =
        entry.meta().times().lifetimeMillis() >= MIN_LIFETIME_MILLIS
            && entry.bodyLength() <= MAX_OCTETS;
    if (!isWorthIt || !running.add(task)) {
      return;
    }
    boolean accepted =
        compression.inBackground(() -> {
          try {
            Coded best = make(entry, coding, true);
            if (best != null) {
              keep(key, entry, coding, best);
            }
          } finally {
            running.remove(task);
          }
        });
    if (!accepted) {
      running.remove(task);
    }
  }

  private @Nullable Coded make(Entry<StoredResponse> entry, Coding coding, boolean best) {
    byte[][] content = compression.encode(entry.body(), coding, best);
    long length = Form.length(content);
    if (length >= entry.bodyLength()) {
      return null;
    }
    Stored plain = entry.meta().head();
    Stored head = new Stored(plain.status(), CodedVariants.fields(plain.fields(), coding, length));
    return new Coded(new Form(head, content), best);
  }

  /// Puts a form beside the entry's others, wherever the entry is by now; other forms may have come
  /// meanwhile.
  private void keep(String key, Entry<StoredResponse> entry, Coding coding, Coded coded) {
    Resource<StoredResponse> resource = cache.heap(key);
    for (int i = 0; resource != null && i < resource.size(); i++) {
      Entry<StoredResponse> now = resource.get(i);
      if (Arrays.equals(now.body(), entry.body())) {
        Map<Coding, Coded> forms = new EnumMap<>(Coding.class);
        forms.putAll(now.meta().coded());
        Stored plain = now.meta().head();
        Form form = coded.form();
        Fields fields = CodedVariants.fields(plain.fields(), coding, form.length());
        Stored head = new Stored(plain.status(), fields);
        forms.put(coding, new Coded(new Form(head, form.content()), coded.best()));
        StoredResponse with = now.meta().withCoded(forms);
        cache.swap(
            key,
            now,
            cache.newEntry(
                with, now.body(), now.groups(), now.stamp(), with.weight(), now.evidence()));
        return;
      }
    }
  }
}
