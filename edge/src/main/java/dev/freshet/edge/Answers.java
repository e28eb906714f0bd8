package dev.freshet.edge;

import dev.freshet.cache.Entry;
import dev.freshet.edge.StoredResponse.Coded;
import dev.freshet.freshness.Evidence;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import dev.freshet.http.VaryKey;
import io.netty.buffer.Unpooled;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Writes an exchange's answer: from a stored entry, along with a running fill, or an error page.
final class Answers {
  /// So long a client that holds another version waits at most for the form of which it needs but
  /// what differs. A deploy's forms are there some 100 ms after its files; without them three
  /// scripts of 1.5 MB in all differ by 165 kB, which at 10 Mbit/s take as long as this.
  private static final long MOMENT_MILLIS = 150;

  private final Site site;
  private final Exchange exchange;
  private final RequestHead head;
  private final @Nullable String name;
  private final Client client;
  private @Nullable StoredResponse given;
  private @Nullable Entry<StoredResponse> entry;
  private @Nullable Fill followed;
  private Naming.@Nullable Named named;

  /// @param name of the content that was asked for, or null
  Answers(Site site, Exchange exchange, RequestHead head, @Nullable String name, Client client) {
    this.site = site;
    this.exchange = exchange;
    this.head = head;
    this.name = name;
    this.client = client;
  }

  /// Says what the page will need, before the app is asked for it.
  void early() {
    ResponseHead hints = site.early().of(site, exchange.route(), head);
    if (hints != null) {
      client.interim(hints);
    }
  }

  /// Passes on what the app says before its answer.
  void interim(ResponseHead interim) {
    site.early().passed(head, interim);
    client.interim(
        new ResponseHead(interim.status(), Forwarding.withoutHopByHop(interim.fields(), 0)));
  }

  // ---- stored ----

  void fromEntry(Entry<StoredResponse> entry, String key, long now) {
    StoredResponse stored = entry.meta();
    given = stored;
    this.entry = entry;
    followed = null;
    site.naming().given(head, stored.head().status(), stored.head().fields());
    Dynamic dynamic = dynamic(stored, now);
    if (head.fields().has(FieldName.RANGE) || !stored.isWhole()) {
      if (sliced(entry, dynamic)) {
        return;
      }
    }
    Coding wanted = stored.codable() ? site.compression().choose(head.fields()) : null;
    named = name == null || isOff() ? null : site.naming().named(key, entry, name);
    Dictionary held = wanted == null ? null : held();
    CompletableFuture<Void> imminent = held == null ? null : site.refining().imminent(key);
    if (imminent == null) {
      whole(entry, wanted, held, key, dynamic);
      return;
    }
    Moment.await(
        imminent,
        MOMENT_MILLIS,
        client.loop(),
        () -> {
          if (!exchange.isGone()) {
            Entry<StoredResponse> by = site.refining().current(key, entry);
            whole(by == null ? entry : by, wanted, held, key, dynamic);
          }
        });
  }

  /// Whether the client is to have what the app said, and nothing else.
  private boolean isOff() {
    return site.finishing().level(exchange.route(), head) == Polish.Level.OFF;
  }

  /// That head as this client is to have it.
  private Stored told(Stored stored, StoredResponse of) {
    return isOff() ? AppsHead.of(stored, of, head.path()) : stored;
  }

  /// What the client holds and may be answered by; null for nothing.
  private @Nullable Dictionary held() {
    boolean mayBe = head.fields().has(Dictionaries.AVAILABLE) && !isOff();
    return mayBe ? site.codings().dictionary(head) : null;
  }

  private void whole(
      Entry<StoredResponse> entry,
      @Nullable Coding wanted,
      @Nullable Dictionary held,
      String key,
      Dynamic dynamic) {
    StoredResponse stored = entry.meta();
    boolean isNamed = named != null;
    Form better = site.refining().form(key, entry, exchange.route(), head, wanted, isNamed);
    Refinery.Refined minified =
        held == null ? null : site.refining().minified(entry, head, isNamed);
    if (better != null) {
      refined(entry, better, held, key, dynamic);
    } else if (wanted == null || isUnfinishedWanted(stored)) {
      send(new Form(stored.head(), entry.body()), stored, dynamic);
    } else if (held != null && minified != null) {
      minified(entry, minified, held, key, dynamic, () -> coded(entry, wanted, key, dynamic));
    } else if (held != null) {
      againstDictionary(entry, wanted, held, key, dynamic);
    } else {
      coded(entry, wanted, key, dynamic);
    }
  }

  private void coded(Entry<StoredResponse> entry, Coding wanted, String key, Dynamic dynamic) {
    StoredResponse stored = entry.meta();
    Coded coded = stored.coded().get(wanted);
    PageNames.Fit fit =
        coded == null
            ? PageNames.Fit.NONE
            : site.finishing().fit(coded.finish(), exchange.route(), head);
    if (coded == null || fit == PageNames.Fit.NONE) {
      codeThenSend(entry, wanted, key, dynamic);
      return;
    }
    if (fit == PageNames.Fit.OVERTAKEN) {
      site.codings().again(key);
    }
    send(coded.form(), stored, dynamic);
  }

  /// What was minified is kept as something to tell the next version by, under its name for good.
  private void refined(
      Entry<StoredResponse> entry,
      Form better,
      @Nullable Dictionary held,
      String key,
      Dynamic dynamic) {
    StoredResponse stored = entry.meta();
    RefinedForms forms = stored.refined();
    Refinery.Refined minified = forms == null ? null : forms.contents().get(Shape.MINIFIED);
    if (minified == null) {
      sendRefined(better, stored, dynamic);
      return;
    }
    Form form = minified(better, minified, stored, key);
    if (held == null || known(form, stored) != null) {
      sendRefined(form, stored, dynamic);
      return;
    }
    minified(entry, minified, held, key, dynamic, () -> sendRefined(form, stored, dynamic));
  }

  /// As what differs from what the client holds, where that gains anything.
  private void minified(
      Entry<StoredResponse> entry,
      Refinery.Refined minified,
      Dictionary held,
      String key,
      Dynamic dynamic,
      Runnable otherwise) {
    StoredResponse stored = entry.meta();
    site.codings()
        .against(
            key,
            entry,
            minified,
            held,
            site.finishing().level(exchange.route(), head),
            client.loop(),
            difference -> {
              if (difference == null) {
                otherwise.run();
              } else {
                deliver(minified(difference, minified, stored, key), stored, dynamic);
              }
            });
  }

  private Form minified(Form form, Refinery.Refined minified, StoredResponse stored, String key) {
    Naming.Named told = named;
    if (told != null) {
      return told.form(form, minified.content());
    }
    site.finishing().given(key, stored, form.head().fields(), minified.content());
    return form;
  }

  /// The client holds something of which this may be another version.
  private void againstDictionary(
      Entry<StoredResponse> entry, Coding wanted, Dictionary held, String key, Dynamic dynamic) {
    StoredResponse stored = entry.meta();
    Polish.Level level = site.finishing().level(exchange.route(), head);
    boolean isWhole = stored.isWhole() && stored.head().status() == 200;
    boolean isAsked = head.fields().has(FieldName.IF_NONE_MATCH);
    if (!isWhole || (isAsked && notModified(stored.head().fields(), stored))) {
      coded(entry, wanted, key, dynamic);
      return;
    }
    site.codings()
        .against(
            key,
            entry,
            null,
            held,
            level,
            client.loop(),
            form -> {
              if (form == null) {
                coded(entry, wanted, key, dynamic);
              } else {
                send(form, stored, dynamic);
              }
            });
  }

  /// Forms are kept for everybody: who wants a page as the app made it gets just that, uncoded.
  private boolean isUnfinishedWanted(StoredResponse stored) {
    return Finish.isUnwanted(head.fields()) && Finish.isPage(stored.head().fields());
  }

  private void codeThenSend(
      Entry<StoredResponse> entry, Coding wanted, String key, Dynamic dynamic) {
    site.codings()
        .now(
            key,
            entry,
            wanted,
            site.finishing().level(exchange.route(), head),
            client.loop(),
            form -> send(form, entry.meta(), dynamic));
  }

  /// Every form of one content that it can show does for a client that has any of them.
  private void sendRefined(Form form, StoredResponse stored, Dynamic dynamic) {
    String known = known(form, stored);
    if (known == null) {
      deliver(form, stored, dynamic);
    } else {
      notModified(form.head().fields().copy().set(FieldName.ETAG, known), dynamic);
    }
  }

  /// The client's tag of a form that does for it; null for none.
  private @Nullable String known(Form form, StoredResponse stored) {
    String given = head.fields().combined(FieldName.IF_NONE_MATCH);
    String tag = form.head().fields().first(FieldName.ETAG);
    return given == null || tag == null
        ? null
        : RefinedForms.known(
            given, stored.validators().etag(), tag, PictureTypes.of(head.fields()).best());
  }

  private void send(Form form, StoredResponse stored, Dynamic dynamic) {
    Naming.Named told = named;
    deliver(told == null ? form : told.form(form, told.original()), stored, dynamic);
  }

  private void deliver(Form form, StoredResponse stored, Dynamic dynamic) {
    Stored out = told(form.head(), stored);
    Fields fields = out.fields();
    boolean isOk = out.status() == 200;
    if (isOk
        && (head.fields().has(FieldName.IF_NONE_MATCH)
            || head.fields().has(FieldName.IF_MODIFIED_SINCE))
        && notModified(fields, stored)) {
      // A time of change names no form: the client may have any of them.
      boolean isByTag = head.fields().has(FieldName.IF_NONE_MATCH);
      notModified(isByTag ? fields : told(stored.head(), stored).fields(), dynamic);
      return;
    }
    client.send(out, dynamic, form.content());
    exchange.finished(head.method().equals("HEAD") ? 0 : form.length());
  }

  private boolean notModified(Fields sent, StoredResponse stored) {
    Fields asked = head.fields();
    if (onlyATagWillDo(stored)) {
      return false;
    }
    String etag = sent.first(FieldName.ETAG);
    String modified = stored.validators().lastModified();
    if (Conditions.isNotModified(asked, etag, modified, sent.first(FieldName.DATE))) {
      return true;
    }
    // The client may hold a form in a coding that is not at hand now; its content is the same.
    String given = asked.first(FieldName.IF_NONE_MATCH);
    String own = stored.validators().etag();
    return given != null
        && own != null
        && own.equals(site.finishing().originTag(given, exchange.route(), head));
  }

  /// A time of change does not tell two changes within one second apart, nor whether what a client
  /// has under a name is what the name says.
  private boolean onlyATagWillDo(StoredResponse stored) {
    boolean isExact = stored.rules().byRows() || name != null;
    return isExact && !head.fields().has(FieldName.IF_NONE_MATCH);
  }

  private void notModified(Fields stored, Dynamic dynamic) {
    Fields out = Conditions.on304(stored);
    addDynamic(out, dynamic);
    client.head(new ResponseHead(304, out), 0);
    client.end(new Fields(0));
    exchange.finished(0);
  }

  /// Sends a part where `Range` asks for one that is there; false to send the whole.
  private boolean sliced(Entry<StoredResponse> entry, Dynamic dynamic) {
    StoredResponse stored = entry.meta();
    Fields told = told(stored.head(), stored).fields();
    if (!onlyATagWillDo(stored)
        && Conditions.isNotModified(
            head.fields(),
            told.first(FieldName.ETAG),
            stored.validators().lastModified(),
            told.first(FieldName.DATE))) {
      notModified(told, dynamic);
      return true;
    }
    return switch (Ranges.of(head, stored)) {
      case Ranges.Slice.Whole() -> {
        if (!stored.isWhole()) {
          throw new IllegalStateException("a part was selected for a request without a range");
        }
        yield false;
      }
      case Ranges.Slice.Unsatisfiable(long length) -> {
        Fields out = Conditions.on304(told);
        out.add(FieldName.CONTENT_RANGE, "bytes */" + length);
        addDynamic(out, dynamic);
        client.head(new ResponseHead(416, out), 0);
        client.end(new Fields(0));
        exchange.finished(0);
        yield true;
      }
      case Ranges.Slice.Octets octets -> {
        octets(entry, octets, dynamic);
        yield true;
      }
    };
  }

  private void octets(Entry<StoredResponse> entry, Ranges.Slice.Octets wanted, Dynamic dynamic) {
    StoredResponse stored = entry.meta();
    Parts parts = stored.parts();
    long skip = parts == null ? wanted.first() : parts.offset(wanted.first(), wanted.last());
    long length = wanted.last() - wanted.first() + 1;
    Fields out = told(stored.head(), stored).fields().copy();
    out.set(
        FieldName.CONTENT_RANGE,
        "bytes " + wanted.first() + "-" + wanted.last() + "/" + wanted.length());
    out.set(FieldName.CONTENT_LENGTH, Long.toString(length));
    client.send(new Stored(206, out), dynamic, Slices.of(entry.body(), skip, length));
    exchange.finished(length);
  }

  private Dynamic dynamic(StoredResponse stored, long now) {
    long age = TimeUnit.MILLISECONDS.toSeconds(stored.times().ageMillis(now));
    long left =
        stored.times().isBounded()
            ? Math.floorDiv(stored.times().leftMillis(now), 1_000L)
            : Dynamic.NO_TTL;
    // Who led a trip to its end is answered by what it stored.
    boolean isFromCache = exchange.outcome().isServedFromCache();
    String status =
        isFromCache ? site.statusLine().ofStored(exchange.outcome()) : exchange.cacheStatus();
    return new Dynamic(age, status, left);
  }

  private static void addDynamic(Fields out, Dynamic dynamic) {
    if (dynamic.ageSeconds() >= 0) {
      out.set(FieldName.AGE, Long.toString(dynamic.ageSeconds()));
    }
    out.add(FieldName.CACHE_STATUS, dynamic.status());
  }

  // ---- on its way ----

  /// Sends a running fill's head and starts reading along; null when the head was all there is to
  /// send.
  ///
  /// @param isAlong whether it is another's trip: then without the fields that are his alone
  @Nullable TrackReader stream(
      Fill fill, FillStream stream, @Nullable Coding coding, boolean isAlong) {
    StoredResponse prospect = stream.prospect();
    given = prospect;
    followed = fill;
    site.naming().given(head, stream.head().status(), stream.head().fields());
    long age = prospect.times().ageMillis(site.time().millis()) / 1_000;
    Fields sent = isAlong ? prospect.head().fields() : stream.head().fields();
    Fields out = (isOff() ? AppsHead.fields(sent, prospect, head.path()) : sent).copy();
    long length = stream.length();
    Track track = stream.plain();
    Track.Piece start = stream.plainStart();
    boolean isConditional =
        head.fields().has(FieldName.IF_NONE_MATCH)
            || head.fields().has(FieldName.IF_MODIFIED_SINCE);
    Dynamic dynamic = new Dynamic(age > 0 ? age : -1, exchange.cacheStatus(), Dynamic.NO_TTL);
    if (isConditional && stream.head().status() == 200 && notModified(out, prospect)) {
      notModified(out, dynamic);
      return null;
    }
    Track coded = stream.coded();
    Track.Piece codedStart = stream.codedStart();
    boolean isWanted =
        site.finishing().fit(stream.finish(), exchange.route(), head) != PageNames.Fit.NONE;
    if (isWanted
        && coding != null
        && coding == stream.coding()
        && coded != null
        && codedStart != null) {
      track = coded;
      start = codedStart;
      out = CodedVariants.fields(out, coding, -1, stream.finish());
      length = -1;
    }
    addDynamic(out, dynamic);
    client.head(new ResponseHead(stream.head().status(), out), length);
    return fill.read(client, track, start, (complete, octets) -> exchange.finished(octets));
  }

  // ---- for who asks within the program ----

  /// What the answer was made from, once its last octet has been given: of exactly what was given,
  /// be it stored or not.
  CompletableFuture<Optional<Evidence>> grounds() {
    Fill fill = followed;
    if (fill != null) {
      return fill.grounds();
    }
    Entry<StoredResponse> used = entry;
    return CompletableFuture.completedFuture(
        used == null ? Optional.empty() : Optional.ofNullable(used.evidence()));
  }

  /// Equal for requests that the cache answers with the same; null when the answer is for this one
  /// alone.
  @Nullable String sharedAs() {
    StoredResponse common = given;
    boolean isKnown = exchange.hasCredentials();
    if (common == null || (isKnown && !common.rules().shared())) {
      return null;
    }
    StringBuilder out = new StringBuilder(exchange.key()).append(isKnown ? "\nyes" : "\nno");
    for (FieldName name : common.selecting().names()) {
      out.append('\n').append(VaryKey.normalised(name, head.fields()));
    }
    return out.toString();
  }

  // ---- errors ----

  void upstreamError(UpstreamFailure failure) {
    String title =
        switch (failure.kind()) {
          case CONNECT_REFUSED, CONNECTION_LOST, BAD_RESPONSE, RESPONSE_TOO_LARGE ->
              "The site's application did not answer properly";
          case CONNECT_TIMEOUT, RESPONSE_TIMEOUT, IDLE_TIMEOUT ->
              "The site's application took too long to answer";
          case NO_ORIGIN, OVERLOADED -> "The site is not available at the moment";
        };
    error(failure.kind().status(), title);
  }

  void error(int status, String title) {
    exchange.outcome(Outcome.ERROR);
    ErrorPage page =
        ErrorPage.of(status, title, head.fields().combined(FieldName.ACCEPT), Requests.idOf(head));
    Fields out = page.head().fields();
    out.add(FieldName.CACHE_STATUS, exchange.cacheStatus());
    client.head(page.head(), page.content().length);
    client.write(Unpooled.wrappedBuffer(page.content()));
    client.end(new Fields(0));
    exchange.finished(page.content().length);
  }
}
