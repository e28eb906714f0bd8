package dev.freshet.load;

import java.util.List;

/// A page that a browser is loading: its document, then all its files at once, as many at a time as
/// there are connections. It is over when the last file is there, or has failed.
final class PageView {
  private static final List<Call.Header> ACCEPT = List.of(new Call.Header("Accept", "*/*"));
  private final Lane lane;
  private final Session session;
  private final PrivateCache cache;
  private final Call document;
  private final long intended;
  private final boolean isFirst;
  private int left;
  private long octets;
  private long requests;
  private long notModified;
  private long unasked;
  private boolean isFailed;

  /// @param isFirst whether the browser had nothing when the document was asked for
  PageView(
      Lane lane,
      Session session,
      PrivateCache cache,
      Call document,
      long intended,
      boolean isFirst) {
    this.lane = lane;
    this.session = session;
    this.cache = cache;
    this.document = document;
    this.intended = intended;
    this.isFirst = isFirst;
  }

  /// The document was fresh in the browser's own cache.
  void kept(List<String> files) {
    unasked++;
    load(files);
  }

  /// The document has come.
  void came(Reply reply, List<String> files) {
    count(reply);
    load(files);
  }

  private void count(Reply reply) {
    requests++;
    octets += reply.wireOctets();
    notModified += reply.status() == 304 ? 1 : 0;
    isFailed |= reply.status() >= 400;
  }

  private void load(List<String> files) {
    left = 1;
    for (String file : files) {
      Call call = new Call(name(), "GET", file, ACCEPT, new byte[0], false, 0);
      if (cache.fresh(call, session.cookies(), lane.now()) != null) {
        unasked++;
        continue;
      }
      left++;
      lane.fetch(new Session(session, this), cache.conditional(call, session.cookies()));
    }
    ended();
  }

  /// Files are one line of the report, whichever they are.
  private String name() {
    return document.step() + ": files";
  }

  /// A file has come.
  void fetched(Call call, Reply reply, long took) {
    count(reply);
    cache.keep(call, session.cookies(), reply, List.of(), took, lane.now(), lane.millis());
    ended();
  }

  /// A file will not come.
  void failed() {
    requests++;
    isFailed = true;
    ended();
  }

  private void ended() {
    if (--left > 0) {
      return;
    }
    long now = lane.now();
    Round round = session.round;
    if (round.isCounted(intended)) {
      PageFigures pages = round.of(document.step()).pages();
      (isFirst ? pages.first() : pages.repeat())
          .viewed(now - intended, octets, requests, notModified, unasked, isFailed);
    }
    lane.goOn(session, document, now);
  }
}
