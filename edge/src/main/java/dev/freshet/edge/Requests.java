package dev.freshet.edge;

import dev.freshet.cache.Entry;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.edge.StoredResponse.Validators;
import dev.freshet.http.FieldLists;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.VaryKey;
import dev.freshet.http.Version;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Builds the request that goes to the origin.
final class Requests {
  /// Belongs to the trace that came (W3C Trace Context, section 3.3).
  private static final FieldName TRACESTATE = FieldName.of("Tracestate");

  private static final Pattern HIDING = Pattern.compile("h2|http/|tls", Pattern.CASE_INSENSITIVE);

  private Requests() {}

  /// @param peer who asked; null for Freshet itself
  /// @param base the entry to validate, or null
  /// @param keepConditions false when the whole response is wanted for storing, whatever the client
  ///   already has
  /// @param isKeyed whether the answer may be stored, or may tell of what is: then the app sees no
  ///   more of the URL than the key holds
  /// @param learning begun for this request
  static RequestHead toOrigin(
      Site site,
      Routes.Route route,
      RequestHead head,
      @Nullable InetSocketAddress peer,
      @Nullable Entry<StoredResponse> base,
      boolean keepConditions,
      boolean isKeyed,
      Learning learning) {
    String upgrade = base == null && keepConditions ? upgrade(head) : null;
    boolean isRead = head.method().equals("GET") || head.method().equals("HEAD");
    RequestHead told = isRead && isKeyed && route.rule().cache() ? site.keys().asKeyed(head) : head;
    RequestHead out = site.forwarding().request(told, peer, idOf(head), upgrade);
    Fields fields = out.fields();
    String parent = learning.traceparent();
    if (parent != null) {
      fields.set(FieldName.TRACEPARENT, parent);
      fields.remove(TRACESTATE);
    }
    if (!keepConditions) {
      // What is stored must answer for everybody with the same codings, so ask in the form that is
      // compared.
      String codings = VaryKey.normalised(FieldName.ACCEPT_ENCODING, fields);
      fields.remove(FieldName.ACCEPT_ENCODING);
      if (!codings.isEmpty()) {
        fields.add(FieldName.ACCEPT_ENCODING, codings);
      }
    }
    if (site.finishing().wantsUncoded(route, head)) {
      fields.remove(FieldName.ACCEPT_ENCODING);
    }
    if (route.rule().share() == Share.PUBLIC && isRead) {
      fields.remove(FieldName.COOKIE);
    }
    if (!keepConditions) {
      fields.remove(FieldName.IF_NONE_MATCH);
      fields.remove(FieldName.IF_MODIFIED_SINCE);
      if (!fields.has(FieldName.RANGE)) {
        fields.remove(FieldName.IF_RANGE);
      }
    }
    if (base != null) {
      Validators validators = base.meta().validators();
      if (validators.etag() != null) {
        fields.set(FieldName.IF_NONE_MATCH, validators.etag());
      }
      // Two changes may fall into one second: where it must be exact, only a tag will do.
      if (validators.lastModified() != null && route.rule().rows() == null) {
        fields.set(FieldName.IF_MODIFIED_SINCE, validators.lastModified());
      }
    } else if (keepConditions) {
      String given = fields.first(FieldName.IF_NONE_MATCH);
      if (given != null) {
        fields.set(FieldName.IF_NONE_MATCH, site.finishing().originTag(given, route, head));
      }
    }
    return out;
  }

  /// Asks for all that is stored, whatever a client wants of it: a whole is not made newer by a
  /// part of it, nor by its head.
  static RequestHead forStored(RequestHead head, StoredResponse stored) {
    Fields fields = head.fields();
    if (stored.isWhole() && fields.has(FieldName.RANGE)) {
      fields = fields.copy();
      fields.remove(FieldName.RANGE);
      fields.remove(FieldName.IF_RANGE);
    }
    return new RequestHead(
        "GET", head.scheme(), head.authority(), head.target(), fields, head.version());
  }

  /// The request's id: the client's when it looks like one, else a new one.
  static String idOf(RequestHead head) {
    String given = head.fields().first(FieldName.X_REQUEST_ID);
    if (given != null && given.length() <= 64 && given.chars().allMatch(Requests::isIdChar)) {
      return given;
    }
    return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  }

  /// Gives a request the id by which it is told of from then on, to the app as to who asked.
  static void name(RequestHead head) {
    if (!head.fields().has(FieldName.X_REQUEST_ID)) {
      head.fields().add(FieldName.X_REQUEST_ID, idOf(head));
    }
  }

  private static boolean isIdChar(int c) {
    return (Character.isLetterOrDigit(c) && c < 128) || c == '-' || c == '_' || c == '.';
  }

  /// Whether the client asks to go on in another protocol that it may have.
  static boolean isSwitch(RequestHead head) {
    return head.fields().has(FieldName.UPGRADE) && upgrade(head) != null;
  }

  /// The protocols among those that a client offers to which it may be switched; null for none.
  /// Within HTTP/2, or under TLS of the origin's, requests would pass unseen. HTTP/1.0 has no such
  /// offers (RFC 9110, section 7.8).
  private static @Nullable String upgrade(RequestHead head) {
    String connection = head.fields().combined(FieldName.CONNECTION);
    String offered = head.fields().combined(FieldName.UPGRADE);
    if (head.version() != Version.HTTP_1_1 || connection == null || offered == null) {
      return null;
    }
    if (FieldLists.split(connection).stream().noneMatch("upgrade"::equalsIgnoreCase)) {
      return null;
    }
    String passed =
        FieldLists.split(offered).stream()
            .filter(protocol -> !HIDING.matcher(protocol).lookingAt())
            .collect(Collectors.joining(", "));
    return passed.isEmpty() ? null : passed;
  }
}
