package dev.freshet.edge;

import dev.freshet.cache.Cache;
import dev.freshet.cache.Entry;
import dev.freshet.cache.Resource;
import dev.freshet.edge.Dictionaries.Difference;
import dev.freshet.edge.StoredResponse.Coded;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import io.netty.channel.EventLoop;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Makes a stored response's coded forms: what is short well and at once, what is long quickly when
/// somebody waits for it, and well when there is time.
final class Codings {
  private static final System.Logger LOG = System.getLogger("freshet.edge");

  /// Coding well takes some hundred milliseconds a megabyte: only what lives on and is not huge
  /// earns that back.
  private static final long MIN_LIFETIME_MILLIS = 300_000;

  private static final long MAX_OCTETS = 4 << 20;

  /// A page that was made while it passed is made again, with all that is known, if it lives so
  /// long.
  private static final long MIN_UNFINISHED_MILLIS = 10_000;

  /// Of what lives shorter, such as answers of an API, there may be so many that they never end.
  private static final long MIN_FILE_MILLIS = 86_400_000;

  private final Cache<StoredResponse> cache;
  private final Compression compression;
  private final Finishing finishing;
  private final Dictionaries dictionaries;
  private final Hints hints;
  private final Set<Task> running = ConcurrentHashMap.newKeySet();

  private final Map<Wanted, CompletableFuture<Optional<Form>>> wanted = new ConcurrentHashMap<>();
  private final Map<Comparison, CompletableFuture<Optional<Difference>>> comparing =
      new ConcurrentHashMap<>();

  private record Task(String key, Coding coding, long stamp) {}

  /// A form that is made once for all who wait for it.
  ///
  /// @param head of the entry, as its fields go into the form's
  /// @param content of the entry: the same array as long as it is the same content
  @SuppressWarnings("ArrayRecordComponent")
  private record Wanted(Stored head, byte[][] content, Coding coding, Polish.Level level) {}

  /// As that, against a dictionary.
  ///
  /// @param content of the entry: others under the key have their own, and as old a stamp
  /// @param minified what is compared, null for the content itself
  @SuppressWarnings("ArrayRecordComponent")
  private record Comparison(
      String key,
      byte[][] content,
      Refinery.@Nullable Refined minified,
      String dictionary,
      Polish.Level level) {
    /// Where what comes of it is kept.
    String place() {
      return minified == null ? key : key + Cache.SEPARATOR + minified.shape().token();
    }
  }

  Codings(
      Cache<StoredResponse> cache,
      Compression compression,
      Finishing finishing,
      Dictionaries dictionaries,
      Hints hints) {
    this.cache = cache;
    this.compression = compression;
    this.finishing = finishing;
    this.dictionaries = dictionaries;
    this.hints = hints;
  }

  /// Codes off the loop and calls back on it; gives the plain form when coding gains nothing or
  /// there is no room for the work.
  void now(
      String key,
      Entry<StoredResponse> entry,
      Coding coding,
      Polish.Level level,
      EventLoop loop,
      Consumer<Form> then) {
    Form plain = new Form(entry.meta().head(), entry.body());
    Wanted one = new Wanted(entry.meta().head(), entry.body(), coding, level);
    CompletableFuture<Optional<Form>> mine = new CompletableFuture<>();
    CompletableFuture<Optional<Form>> others = wanted.putIfAbsent(one, mine);
    if (others == null) {
      code(key, entry, one, mine);
    }
    var _ =
        (others == null ? mine : others)
            .thenAccept(form -> loop.execute(() -> then.accept(form.orElse(plain))));
  }

  private void code(
      String key, Entry<StoredResponse> entry, Wanted one, CompletableFuture<Optional<Form>> form) {
    Coding coding = one.coding();
    boolean accepted =
        compression.forWhoWaits(() -> {
          Coded coded = made(key, entry, coding, one.level(), Effort.QUICK);
          wanted.remove(one);
          form.complete(Optional.ofNullable(coded).map(Coded::form));
          if (coded != null) {
            improve(key, entry, coding, coded);
            perfect(key, entry, coding, coded);
          }
        });
    if (!accepted) {
      wanted.remove(one);
      form.complete(Optional.empty());
    }
  }

  /// The dictionary that the client holds and may be answered with; null for none.
  @Nullable Dictionary dictionary(RequestHead head) {
    Dictionary offered = dictionaries.offered(head);
    return offered != null && compression.available().contains(Coding.ZSTD) ? offered : null;
  }

  /// As [#now], against a dictionary that the client holds; gives null when that gains nothing or
  /// there is no room for the work.
  ///
  /// @param minified what is to be sent of it, null for the content itself
  void against(
      String key,
      Entry<StoredResponse> entry,
      Refinery.@Nullable Refined minified,
      Dictionary dictionary,
      Polish.Level level,
      EventLoop loop,
      Consumer<@Nullable Form> then) {
    if (entry.bodyLength() > Dictionaries.MAX_LENGTH) {
      then.accept(null);
      return;
    }
    Comparison one = new Comparison(key, entry.body(), minified, dictionary.name(), level);
    Difference known = dictionaries.coded(one.place(), entry, dictionary, level);
    PageNames.Fit fit = known == null ? PageNames.Fit.NONE : fit(known.finish(), entry.meta());
    if (known != null && fit == PageNames.Fit.FULL) {
      then.accept(form(entry, minified, dictionary, known));
      return;
    }
    // What would only be better by now does where there is no room for the work.
    Difference otherwise = fit == PageNames.Fit.OVERTAKEN ? known : null;
    CompletableFuture<Optional<Difference>> mine = new CompletableFuture<>();
    CompletableFuture<Optional<Difference>> running = comparing.putIfAbsent(one, mine);
    if (running == null) {
      compare(one, entry, dictionary, mine);
    }
    CompletableFuture<Optional<Difference>> made = running == null ? mine : running;
    var _ =
        made.thenAccept(found ->
            loop.execute(() -> {
              Difference best = found.isPresent() ? found.get() : otherwise;
              then.accept(best == null ? null : form(entry, minified, dictionary, best));
            }));
  }

  private PageNames.Fit fit(@Nullable Finish finish, StoredResponse page) {
    return finish == null
        ? PageNames.Fit.FULL
        : finishing.fit(finish.under(page.head().fields(), page.times().bornMillis()));
  }

  private void compare(
      Comparison one,
      Entry<StoredResponse> entry,
      Dictionary dictionary,
      CompletableFuture<Optional<Difference>> made) {
    boolean accepted =
        compression.forWhoWaits(() -> {
          Optional<Difference> found = different(one, entry, dictionary);
          keep(one, entry, dictionary, made, found);
          made.complete(found);
        });
    if (!accepted) {
      comparing.remove(one, made);
      made.complete(Optional.empty());
    }
  }

  /// Not where the page is to be made again: more is known of it than when this was begun.
  @SuppressWarnings("ReferenceEquality")
  private void keep(
      Comparison one,
      Entry<StoredResponse> entry,
      Dictionary dictionary,
      CompletableFuture<Optional<Difference>> made,
      Optional<Difference> found) {
    comparing.computeIfPresent(
        one,
        (same, running) -> {
          if (running != made) {
            return running;
          }
          found.ifPresent(
              each -> dictionaries.keepCoded(one.place(), entry, dictionary, one.level(), each));
          return null;
        });
  }

  private Optional<Difference> different(
      Comparison one, Entry<StoredResponse> entry, Dictionary dictionary) {
    try {
      Refinery.Refined minified = one.minified();
      Source source =
          minified == null
              ? source(one.key(), entry, one.level())
              : new Source(minified.content(), null);
      byte[][] content = dictionaries.encode(dictionary, source.content());
      boolean isGain = Form.length(content) < entry.bodyLength() / 2;
      return Optional.of(new Difference(isGain ? content : null, source.finish()));
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "coding against a dictionary ended in a fault", e);
      return Optional.empty();
    }
  }

  /// The difference under the fields that its original has by now; null when there is no gain.
  private @Nullable Form form(
      Entry<StoredResponse> entry,
      Refinery.@Nullable Refined minified,
      Dictionary dictionary,
      Difference difference) {
    byte[][] content = difference.content();
    if (content == null) {
      return null;
    }
    long length = Form.length(content);
    Stored plain = entry.meta().head();
    Fields said = minified == null ? plain.fields() : RefinedForms.minified(entry);
    Fields fields = CodedVariants.against(said, dictionary, length, difference.finish());
    dictionaries.count(entry.bodyLength(), length);
    return new Form(new Stored(plain.status(), fields), content);
  }

  /// What a form is made from.
  ///
  /// @param finish null for what is no page
  @SuppressWarnings("ArrayRecordComponent")
  private record Source(byte[][] content, @Nullable Finish finish) {}

  private Source source(String key, Entry<StoredResponse> entry, Polish.Level level) {
    Finishing.Made page = finishing.whole(key, entry.meta(), level, entry.body());
    if (page == null) {
      return new Source(entry.body(), null);
    }
    Polish.Polished done = page.page();
    byte[][] content = done == null ? entry.body() : done.content();
    Fields told = level == Polish.Level.OFF ? Hints.NONE : hints.of(key, entry, content);
    return new Source(content, page.finish().with(told));
  }

  /// Makes again what was made quickly, or with less known than there is now.
  void improve(String key, Entry<StoredResponse> entry) {
    entry.meta().coded().forEach((coding, form) -> improve(key, entry, coding, form));
  }

  /// Makes a stored page's forms again: more is known of what is in it. Differences are made when
  /// they are next asked for.
  void again(String key) {
    comparing.keySet().removeIf(each -> each.minified() == null && each.key().equals(key));
    dictionaries.forgetPage(key);
    Resource<StoredResponse> resource = cache.heap(key);
    for (int i = 0; resource != null && i < resource.size(); i++) {
      Entry<StoredResponse> entry = resource.get(i);
      entry
          .meta()
          .coded()
          .forEach((coding, form) -> {
            if (form.finish() != null) {
              remake(key, entry, coding, form.finish().level(), effort(entry));
            }
          });
    }
  }

  private static Effort effort(Entry<StoredResponse> entry) {
    boolean isWorthIt =
        entry.meta().times().lifetimeMillis() >= MIN_LIFETIME_MILLIS
            && entry.bodyLength() <= MAX_OCTETS;
    return isWorthIt ? Effort.WELL : Effort.QUICK;
  }

  private void improve(String key, Entry<StoredResponse> entry, Coding coding, Coded form) {
    if (form.best()) {
      return;
    }
    Effort effort = effort(entry);
    Finish finish = form.finish();
    boolean isUnfinished =
        finish != null
            && !finish.isWhole()
            && entry.meta().times().lifetimeMillis() >= MIN_UNFINISHED_MILLIS;
    if (effort != Effort.QUICK || isUnfinished) {
      remake(key, entry, coding, finish == null ? Polish.Level.OFF : finish.level(), effort);
    }
  }

  private void remake(
      String key, Entry<StoredResponse> entry, Coding coding, Polish.Level level, Effort effort) {
    Task task = new Task(key, coding, entry.stamp());
    if (!running.add(task)) {
      return;
    }
    boolean accepted =
        compression.soon(() -> {
          try {
            perfect(key, entry, coding, made(key, entry, coding, level, effort));
          } finally {
            running.remove(task);
          }
        });
    if (!accepted) {
      running.remove(task);
    }
  }

  /// Makes a file that stays as it is as small as it gets, unless it is sent minified. Where there
  /// is no room for that, what is there by now does.
  private void perfect(
      String key, Entry<StoredResponse> entry, Coding coding, @Nullable Coded made) {
    boolean mayBe =
        made != null
            && made.best()
            && made.finish() == null
            && entry.meta().times().lifetimeMillis() >= MIN_FILE_MILLIS
            && Effort.isUtmostFor(entry.meta(), entry.bodyLength(), coding);
    if (mayBe) {
      compression.idle(
          entry.bodyLength(),
          () -> {
            if (isSentAsItIs(key, entry)) {
              var _ = made(key, entry, coding, Polish.Level.OFF, Effort.UTMOST);
            }
          });
    }
  }

  /// False also for one that is gone.
  private boolean isSentAsItIs(String key, Entry<StoredResponse> entry) {
    Resource<StoredResponse> resource = cache.heap(key);
    for (int i = 0; resource != null && i < resource.size(); i++) {
      StoredResponse now = resource.get(i).meta();
      if (Arrays.equals(resource.get(i).body(), entry.body())) {
        return now.refined() == null || now.refined().contents().isEmpty();
      }
    }
    return false;
  }

  /// Made and kept; null when that gains nothing, or ended in a fault: the plain form is at hand
  /// then, and a client waits.
  private @Nullable Coded made(
      String key, Entry<StoredResponse> entry, Coding coding, Polish.Level level, Effort asked) {
    try {
      Coded coded = make(key, entry, coding, level, asked);
      if (coded != null) {
        keep(key, entry, coding, coded);
      }
      return coded;
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "a coded form ended in an internal fault", e);
      return null;
    }
  }

  private @Nullable Coded make(
      String key, Entry<StoredResponse> entry, Coding coding, Polish.Level level, Effort asked) {
    Source source = source(key, entry, level);
    Finish finish = source.finish();
    Effort effort = asked.of(Form.length(source.content()));
    byte[][] content = compression.encode(source.content(), coding, effort);
    long length = Form.length(content);
    if (length >= entry.bodyLength()) {
      return null;
    }
    Stored plain = entry.meta().head();
    Fields fields = CodedVariants.fields(plain.fields(), coding, length, finish);
    return new Coded(
        new Form(new Stored(plain.status(), fields), content), effort != Effort.QUICK, finish);
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
        Fields fields = CodedVariants.fields(plain.fields(), coding, form.length(), coded.finish());
        Stored head = new Stored(plain.status(), fields);
        forms.put(coding, new Coded(new Form(head, form.content()), coded.best(), coded.finish()));
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
