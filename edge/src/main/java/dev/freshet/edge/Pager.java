package dev.freshet.edge;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/* A page is cut between the exchange and the client.
 *
 * The exchange is asked for the whole list, as if the request had no limit, cursor, fields, range
 * or condition: so the list has one key, one trip for all who read any of its pages, and is stored
 * and found by all the rules for answers. To it this is the client. What it answers is cut here,
 * and the conditions are held against the page.
 *
 * What is no list passes through as it came.
 */

/// One request to a route whose lists leave in pages.
final class Pager implements Client, Conversation {
  private static final System.Logger LOG = System.getLogger("freshet.edge");

  /// Lists up to this size are read through on the event loop: a quarter of a millisecond.
  private static final int AT_ONCE = 65_536;

  private static final List<FieldName> OF_THE_PAGE =
      List.of(
          FieldName.IF_NONE_MATCH,
          FieldName.IF_MODIFIED_SINCE,
          FieldName.IF_MATCH,
          FieldName.IF_UNMODIFIED_SINCE,
          FieldName.IF_RANGE,
          FieldName.RANGE,
          FieldName.ACCEPT_ENCODING);

  private final Site site;
  private final RequestHead head;
  private final Client client;
  private final Routes.Route route;
  private final Pagination how;
  private final PageAsk ask;
  private final String refusal;
  private final Exchange exchange;
  private final Steps steps;
  private final Reservation reservation;
  private final RequestHead whole;

  private boolean gone;
  private boolean answered;
  private boolean left;
  private boolean passes;
  private @Nullable ResponseHead received;
  private long announced;
  private final List<byte[]> pieces = new ArrayList<>();
  private long collected;
  private long own;
  private @Nullable TrackRoom shared;

  private Pager(Site site, RequestHead head, Client client, Routes.Route route, Pagination how) {
    this.site = site;
    this.head = head;
    this.client = client;
    this.route = route;
    this.how = how;
    PageAsk wanted = PageAsk.whole(head.path());
    String wrong = "";
    try {
      wanted = PageAsk.of(head.target(), how.names());
    } catch (PageAsk.Bad e) {
      wrong = String.valueOf(e.getMessage());
    }
    ask = wanted;
    refusal = wrong;
    whole = whole(head, ask.target());
    exchange = new Exchange(site, whole, 0, this);
    steps = new Steps(client.loop(), site.compression(), this::broken);
    reservation = new Reservation(site.fillBudget(), site.limits().maxFillBytes());
  }

  private static RequestHead whole(RequestHead head, String target) {
    Fields fields = head.fields().copy().removeIf(OF_THE_PAGE::contains);
    return new RequestHead("GET", head.scheme(), head.authority(), target, fields, head.version());
  }

  /// The request for the list of which a page is wanted, as the app sees it; null where the page
  /// can't be understood.
  static @Nullable RequestHead list(RequestHead head, Pagination how) {
    try {
      return whole(head, PageAsk.of(head.target(), how.names()).target());
    } catch (PageAsk.Bad e) {
      return null;
    }
  }

  /// Null where the request is not for a list in pages.
  static @Nullable Pager of(Site site, RequestHead head, long contentLength, Client client) {
    boolean isRead = head.method().equals("GET") || head.method().equals("HEAD");
    if (!isRead || contentLength != 0 || head.fields().has(FieldName.UPGRADE)) {
      return null;
    }
    Routes.Route route = site.routes().of(head);
    Pagination how = route.rule().pages();
    if (how == null) {
      return null;
    }
    Forwarding.dropNominated(head.fields());
    return new Pager(site, head, client, route, how);
  }

  void begin() {
    if (!refusal.isEmpty()) {
      route.figures().refused();
      refuse(PageProblem.bad(head, refusal));
      return;
    }
    try {
      exchange.begin();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "an exchange ended in an internal fault", e);
      exchange.fault();
    }
  }

  /// The one that gets the list; it has not begun where the request can't be understood.
  Exchange exchange() {
    return exchange;
  }

  /// Equal for requests that want the same of one list.
  String wanted() {
    return ask.text();
  }

  // ---- a stored list ----

  @Override
  public void send(Stored list, Dynamic dynamic, byte[][] content) {
    steps.take(() -> answer(list, dynamic, content, true));
  }

  private void answer(Stored list, Dynamic dynamic, byte[][] content, boolean isStored) {
    Coding coding = site.compression().choose(head.fields());
    Pages.Place place = new Pages.Place(list, how, ask.text(), coding);
    Form made = isStored ? site.pages().form(place) : null;
    if (made != null) {
      deliver(made, dynamic);
    } else if (PageForm.mayBeList(list.status(), list.fields())) {
      boolean isLong = Form.length(content) > AT_ONCE;
      steps.with(
          site.pages().index(content, how, isLong ? site.compression()::forWhoWaits : Pager::here),
          index -> cut(index, place, dynamic, content, isStored),
          () -> refuse(PageProblem.busy(head)));
    } else {
      code(new Form(list, content), place, dynamic, isStored);
    }
  }

  private static boolean here(Runnable work) {
    work.run();
    return true;
  }

  private void cut(
      ListIndex index, Pages.Place place, Dynamic dynamic, byte[][] content, boolean isStored) {
    if (index.isTooLong()) {
      refuse(PageProblem.tooManyElements(head, site.pages().mostElements()));
    } else if (!index.isList()) {
      code(new Form(place.list(), content), place, dynamic, isStored);
    } else if (takesLong(index, content)) {
      steps.aside(
          () -> page(index, place, dynamic, content, isStored),
          Runnable::run,
          () -> refuse(PageProblem.busy(head)));
    } else {
      page(index, place, dynamic, content, isStored).run();
    }
  }

  /// What a page may hold that names a number of elements is not bounded, and to find elements by
  /// their keys a table of them is made.
  private boolean takesLong(ListIndex index, byte[][] content) {
    Cursor cursor = ask.cursor();
    boolean isOther = cursor != null && cursor.version() != index.version();
    return (ask.limit() > 0 || isOther) && Form.length(content) > AT_ONCE;
  }

  /// What is to be done next on the loop; runs anywhere.
  private Runnable page(
      ListIndex index, Pages.Place place, Dynamic dynamic, byte[][] content, boolean isStored) {
    int list = site.keys().of(whole, route.rule()).hashCode();
    long around = Form.length(content) - index.close() + index.open();
    boolean isAsked = ask.limit() > 0;
    int limit = isAsked ? Math.min(ask.limit(), how.maxSize()) : how.size();
    long octets = isAsked ? Long.MAX_VALUE : how.maxPage().bytes() - around;
    if (octets < 0) {
      return () -> refuse(PageProblem.pageTooLarge(head, how));
    }
    PageLinks links = new PageLinks(site.keys(), whole, ask, how.names());
    return switch (Cut.of(index, list, ask.cursor(), limit, octets, site.pages().orders())) {
      case Cut.Page page -> {
        if (page.next() != null || page.previous() != null) {
          site.pages().orders().keep(list, index);
        }
        Form plain =
            PageForm.of(place.list(), new Pieces(content), index, page, ask, links.of(page));
        yield () -> code(plain, place, dynamic, isStored);
      }
      case Cut.Gone() -> () -> refuse(PageProblem.gone(head, links.first()));
      case Cut.Foreign() -> () -> refuse(PageProblem.foreign(head, links.first()));
    };
  }

  private void code(Form plain, Pages.Place place, Dynamic dynamic, boolean isStored) {
    Stored bare = plain.head();
    ResponseHead answer = new ResponseHead(bare.status(), bare.fields());
    boolean isCodable = site.isCodable(route, answer, plain.length());
    Coding coding = place.coding();
    Form fit = isCodable ? varying(plain) : plain;
    if (!isCodable || coding == null) {
      keep(place, fit, isStored);
      deliver(fit, dynamic);
      return;
    }
    steps.aside(
        () -> {
          byte[][] octets = site.compression().encode(fit.content(), coding, Effort.QUICK);
          long length = Form.length(octets);
          Fields fields = CodedVariants.fields(fit.head().fields(), coding, length, null);
          return length < fit.length() ? new Form(new Stored(bare.status(), fields), octets) : fit;
        },
        coded -> {
          keep(place, coded, isStored);
          deliver(coded, dynamic);
        },
        // Not kept: it is to be coded for the next who wants that.
        () -> deliver(fit, dynamic));
  }

  private static Form varying(Form plain) {
    Fields fields = plain.head().fields().copy();
    CodedVariants.varyOnCoding(fields);
    return new Form(new Stored(plain.head().status(), fields), plain.content());
  }

  private void keep(Pages.Place place, Form form, boolean isStored) {
    if (isStored) {
      site.pages().keep(place, form);
    }
  }

  private void deliver(Form form, Dynamic dynamic) {
    release();
    Fields fields = form.head().fields();
    String tag = fields.first(FieldName.ETAG);
    boolean isOk = form.head().status() == 200;
    if (isOk && Conditions.isRuledOut(head.fields(), tag)) {
      refuse(PageProblem.ruledOut(head));
      return;
    }
    answered = true;
    if (isOk && Conditions.isKnown(head.fields(), tag)) {
      Fields out = Conditions.on304(fields);
      String told = fields.first(FieldName.AGE);
      if (dynamic.ageSeconds() >= 0) {
        out.set(FieldName.AGE, Long.toString(dynamic.ageSeconds()));
      } else if (told != null) {
        out.set(FieldName.AGE, told);
      }
      out.add(FieldName.CACHE_STATUS, dynamic.status());
      client.head(new ResponseHead(304, out), 0);
      client.end(new Fields(0));
      return;
    }
    route.figures().sent(sent(form.length()));
    client.send(form.head(), dynamic, form.content());
  }

  /// To HEAD goes no content.
  private long sent(long octets) {
    return head.method().equals("HEAD") ? 0 : octets;
  }

  /// What the exchange has booked stays: the list was found or fetched, though there is no page.
  private void refuse(PageProblem problem) {
    release();
    if (gone) {
      return;
    }
    answered = true;
    Fields fields = problem.head().fields();
    fields.add(FieldName.CACHE_STATUS, site.statusLine().of(Outcome.ERROR, 0, false, false, null));
    route.figures().sent(sent(problem.content().length));
    client.head(problem.head(), problem.content().length);
    client.write(Unpooled.wrappedBuffer(problem.content()));
    client.end(new Fields(0));
  }

  /// A step threw.
  private void broken(Throwable fault) {
    LOG.log(System.Logger.Level.ERROR, "a page ended in an internal fault", fault);
    if (!answered) {
      refuse(PageProblem.fault(head));
      return;
    }
    release();
    if (!gone) {
      client.abort();
    }
  }

  // ---- a list on its way ----

  @Override
  public void head(ResponseHead answer, long length) {
    passes = !PageForm.mayBeList(answer.status(), answer.fields());
    if (passes) {
      client.head(answer, length);
    } else if (length > most()) {
      giveUp(PageProblem.listTooLarge(head, "max-list", most()));
    } else {
      received = answer;
      announced = length;
    }
  }

  @Override
  public void shares(TrackRoom room) {
    if (passes || answered) {
      return;
    }
    if (room.hold()) {
      shared = room;
    } else {
      giveUp(noRoom(room.wanted()));
    }
  }

  private long most() {
    return site.maxEntryBytes(route.rule());
  }

  /// Who alone wants more than there is for all need not try again.
  private PageProblem noRoom(long wanted) {
    long room = site.limits().maxFillBytes();
    return wanted > room
        ? PageProblem.listTooLarge(head, "store.max-fills", room)
        : PageProblem.busy(head);
  }

  @Override
  public void write(ByteBuf data) {
    if (passes) {
      client.write(data);
      return;
    }
    if (answered || gone) {
      data.release();
      return;
    }
    boolean isTracks = shared != null && data.hasArray() && data.arrayOffset() == 0;
    boolean isItsPiece = isTracks && data.array().length == data.readableBytes();
    byte[] octets = isItsPiece ? data.array() : ByteBufUtil.getBytes(data);
    data.release();
    collected += octets.length;
    if (collected > most()) {
      giveUp(PageProblem.listTooLarge(head, "max-list", most()));
      return;
    }
    PageProblem problem = problemOf(octets.length);
    if (problem == null) {
      pieces.add(octets);
    } else {
      giveUp(problem);
    }
  }

  /// Why so much more is not held; null when it is. What is read along is counted with its track,
  /// and given up when that has no room.
  private @Nullable PageProblem problemOf(int octets) {
    TrackRoom room = shared;
    if (room != null) {
      return room.isRefused() ? noRoom(room.wanted()) : null;
    }
    own += (long) octets + Track.PIECE;
    // As much as was announced at once: of many lists that come together each would take a part of
    // the room, and none would have enough.
    long wanted = Math.max(own, announced);
    return reservation.growTo(wanted) ? null : noRoom(wanted);
  }

  /// Answers with that, and wants no more of the list.
  private void giveUp(PageProblem problem) {
    refuse(problem);
    // It is in the midst of handing over.
    loop().execute(this::leave);
  }

  private void leave() {
    if (!left) {
      left = true;
      exchange.gone();
    }
  }

  private void release() {
    // Who takes his page slowly keeps this object alive.
    pieces.clear();
    reservation.giveBack();
    TrackRoom room = shared;
    shared = null;
    if (room != null) {
      room.letGo();
    }
  }

  @Override
  public void end(Fields trailers) {
    if (answered) {
      return;
    }
    ResponseHead answer = received;
    if (passes || answer == null) {
      client.end(trailers);
      return;
    }
    steps.take(() -> answerCollected(answer));
  }

  private void answerCollected(ResponseHead answer) {
    Fields fields = answer.fields().copy();
    List<String> statuses = fields.all(FieldName.CACHE_STATUS);
    fields.remove(FieldName.CACHE_STATUS);
    for (int i = 0; i < statuses.size() - 1; i++) {
      fields.add(FieldName.CACHE_STATUS, statuses.get(i));
    }
    fields.set(FieldName.CONTENT_LENGTH, Long.toString(collected));
    // Age stays among the fields: it is the app's, whatever it says.
    String status = statuses.isEmpty() ? "" : statuses.getLast();
    Dynamic dynamic = new Dynamic(-1, status, Dynamic.NO_TTL);
    answer(new Stored(answer.status(), fields), dynamic, pieces.toArray(new byte[0][]), false);
  }

  @Override
  public void abort() {
    if (answered) {
      return;
    }
    if (passes || received == null) {
      client.abort();
    } else {
      refuse(PageProblem.brokenOff(head));
    }
  }

  @Override
  public long sentOf(long octets) {
    return passes ? sent(octets) : 0;
  }

  // ---- between client and exchange ----

  @Override
  public EventLoop loop() {
    return client.loop();
  }

  @Override
  public InetSocketAddress peer() {
    return client.peer();
  }

  @Override
  public void interim(ResponseHead interim) {
    client.interim(interim);
  }

  @Override
  public boolean isWritable() {
    return !passes || client.isWritable();
  }

  @Override
  public void pauseContent(boolean paused) {
    client.pauseContent(paused);
  }

  @Override
  public void tunnel() {
    client.tunnel();
  }

  @Override
  public void content(ByteBuf data) {
    exchange.content(data);
  }

  @Override
  public void contentEnd(Fields trailers) {
    exchange.contentEnd(trailers);
  }

  @Override
  public void writable() {
    exchange.writable();
  }

  @Override
  public void gone() {
    gone = true;
    // What is read beside the loop stays in memory until it has been read.
    steps.stop(this::release);
    leave();
  }
}
