package dev.freshet.edge;

import dev.freshet.edge.RouteRule.Share;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import org.jspecify.annotations.Nullable;

/// An origin's response as it goes on to the one client that it is for.
///
/// @param length of the content as sent, or -1
/// @param coder what the content goes through first, or null
record Outgoing(ResponseHead head, long length, @Nullable StreamCoder coder) {

  /// @param length of the content as received, or -1
  static Outgoing of(
      Site site,
      Routes.Route route,
      RequestHead asked,
      ResponseHead received,
      long length,
      String cacheStatus) {
    ResponseHead clean = site.forwarding().received(received, site.time().millis());
    Fields out = clean.fields();
    site.naming().given(asked, clean.status(), out);
    boolean isGet = asked.method().equals("GET");
    boolean isRead = isGet || asked.method().equals("HEAD");
    if (route.rule().share() == Share.PUBLIC && isRead) {
      out.remove(FieldName.SET_COOKIE);
    }
    if (clean.status() == 304) {
      Finish.on304(out, asked.fields().combined(FieldName.IF_NONE_MATCH), site.naming()::isRight);
    }
    if (isRead && site.finishing().level(route, asked) != Polish.Level.OFF) {
      BrowserFields.ask(clean, out);
    }
    StreamCoder coder = null;
    long outLength = length;
    if (site.isCodable(route, clean, length)) {
      Coding chosen = isGet ? site.compression().choose(asked.fields()) : null;
      if (chosen != null) {
        Finishing.Outfit outfit = site.finishing().outfit(route, asked, out, chosen);
        coder = outfit.coder();
        out = CodedVariants.fields(out, chosen, -1, outfit.finish());
        outLength = -1;
      } else {
        CodedVariants.varyOnCoding(out);
      }
    }
    out.add(FieldName.CACHE_STATUS, cacheStatus);
    return new Outgoing(new ResponseHead(clean.status(), out), outLength, coder);
  }

  /// The head of a 101, its upgrade fields kept.
  static ResponseHead switched(ResponseHead received) {
    Fields out = Forwarding.withoutHopByHop(received.fields(), 3);
    String upgrade = received.fields().combined(FieldName.UPGRADE);
    out.add(FieldName.CONNECTION, "Upgrade");
    if (upgrade != null) {
      out.add(FieldName.UPGRADE, upgrade);
    }
    return new ResponseHead(101, out);
  }
}
