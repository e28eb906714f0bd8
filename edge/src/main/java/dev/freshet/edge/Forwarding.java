package dev.freshet.edge;

import dev.freshet.http.FieldLists;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.ForwardedField;
import dev.freshet.http.HttpDate;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import dev.freshet.http.Version;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What an intermediary changes in a message on its way through (RFC 9110, section 7.6; RFC 7239).
///
/// Unless the operator trusts what is in front, fields that claim where a request came from are
/// replaced, and fields that some servers let override host, path or method are dropped: they are
/// not part of the key, so they could poison it.
final class Forwarding {
  private static final Set<FieldName> HOP_BY_HOP =
      Set.of(
          FieldName.CONNECTION,
          FieldName.KEEP_ALIVE,
          FieldName.PROXY_CONNECTION,
          FieldName.PROXY_AUTHENTICATE,
          FieldName.PROXY_AUTHORIZATION,
          FieldName.of("Proxy-Authentication-Info"),
          FieldName.TE,
          FieldName.TRAILER,
          FieldName.TRANSFER_ENCODING,
          FieldName.UPGRADE,
          FieldName.HTTP2_SETTINGS);

  private static final Set<FieldName> UNKEYED_OVERRIDES =
      Set.of(
          FieldName.X_FORWARDED_HOST,
          FieldName.of("X-Forwarded-Scheme"),
          FieldName.of("X-Forwarded-Port"),
          FieldName.of("X-Forwarded-Server"),
          FieldName.of("X-Forwarded-Prefix"),
          FieldName.of("X-Forwarded-Path"),
          FieldName.of("X-Host"),
          FieldName.of("X-Forwarded-Protocol"),
          FieldName.of("X-Forwarded-Ssl"),
          FieldName.of("X-Original-URL"),
          FieldName.of("X-Original-Host"),
          FieldName.of("X-Rewrite-URL"),
          FieldName.of("X-Url-Scheme"),
          FieldName.of("Front-End-Https"));

  private static final Set<FieldName> METHOD_OVERRIDES =
      Set.of(
          FieldName.of("X-HTTP-Method"),
          FieldName.of("X-HTTP-Method-Override"),
          FieldName.of("X-Method-Override"));

  /// By which some in front say who asks.
  private static final Set<FieldName> CLAIMS =
      Set.of(
          FieldName.of("CF-Connecting-IP"),
          FieldName.of("Client-IP"),
          FieldName.of("Fastly-Client-IP"),
          FieldName.of("True-Client-IP"),
          FieldName.of("X-Client-IP"),
          FieldName.of("X-Cluster-Client-IP"),
          FieldName.of("X-Real-IP"));

  private final boolean trustForwarded;

  Forwarding(boolean trustForwarded) {
    this.trustForwarded = trustForwarded;
  }

  /// The request as the origin shall see it; the given head is left alone.
  ///
  /// @param peer who asked; null for Freshet itself, which has no address: apps may show callers of
  ///   their own machine what they show nobody else
  /// @param upgrade the protocol to switch to, kept on the way, or null
  RequestHead request(
      RequestHead head,
      @Nullable InetSocketAddress peer,
      String requestId,
      @Nullable String upgrade) {
    Fields out = withoutHopByHop(head.fields(), 6);
    String from = peer == null ? null : peer.getAddress().getHostAddress();
    String element =
        ForwardedField.element(
            from == null ? ForwardedField.UNKNOWN : from, head.authority(), head.scheme());
    String via = head.version().via() + " freshet";
    out.removeIf(Forwarding::passesForAnother);
    if (!trustForwarded) {
      out.removeIf(name -> UNKEYED_OVERRIDES.contains(name) || CLAIMS.contains(name));
      if (isSafeToDropOverrides(head)) {
        out.removeIf(METHOD_OVERRIDES::contains);
      }
      out.remove(FieldName.X_FORWARDED_FOR);
      if (from != null) {
        out.add(FieldName.X_FORWARDED_FOR, from);
      }
      out.set(FieldName.X_FORWARDED_PROTO, head.scheme());
      out.set(FieldName.X_FORWARDED_HOST, head.authority());
      out.set(FieldName.FORWARDED, element);
    } else {
      if (from != null) {
        append(out, FieldName.X_FORWARDED_FOR, from);
      }
      if (!out.has(FieldName.X_FORWARDED_PROTO)) {
        out.add(FieldName.X_FORWARDED_PROTO, head.scheme());
      }
      if (!out.has(FieldName.X_FORWARDED_HOST)) {
        out.add(FieldName.X_FORWARDED_HOST, head.authority());
      }
      append(out, FieldName.FORWARDED, element);
    }
    append(out, FieldName.VIA, via);
    if (!trustForwarded || !out.has(FieldName.X_REQUEST_ID)) {
      // Not what came: apps write it into pages, and no key holds it.
      out.set(FieldName.X_REQUEST_ID, requestId);
    }
    if (upgrade != null) {
      out.add(FieldName.CONNECTION, "Upgrade");
      out.add(FieldName.UPGRADE, upgrade);
    }
    return new RequestHead(
        head.method(), head.scheme(), head.authority(), head.target(), out, Version.HTTP_1_1);
  }

  /// What may follow a request's content: nothing that means something in a head. There are servers
  /// that take trailers for fields (RFC 9110, section 6.5.1, forbids it), and so would be told by
  /// the client what was taken out of its head, or where it comes from.
  static Fields trailers(Fields sent) {
    return sent.removeIf(name ->
        name.isKnown()
            || HOP_BY_HOP.contains(name)
            || UNKEYED_OVERRIDES.contains(name)
            || METHOD_OVERRIDES.contains(name)
            || CLAIMS.contains(name)
            || passesForAnother(name));
  }

  /// Leaves of a visitor's fields what one of Freshet's own requests may carry: those named, and
  /// where it is trusted what the one in front said of how was asked (an app makes links of that),
  /// but nothing of who asked.
  void keepImpersonal(Fields fields, Set<FieldName> named) {
    String said = trustForwarded ? fields.combined(FieldName.FORWARDED) : null;
    fields.removeIf(name -> !named.contains(name) && !(trustForwarded && isOfHowWasAsked(name)));
    String how = said == null ? "" : ForwardedField.withoutNodes(said);
    if (!how.isEmpty()) {
      fields.add(FieldName.FORWARDED, how);
    }
  }

  private static boolean isOfHowWasAsked(FieldName name) {
    return name.equals(FieldName.X_FORWARDED_PROTO) || UNKEYED_OVERRIDES.contains(name);
  }

  /// The response as the client may see it, with a `Date` (RFC 9110, section 6.6.1); the given head
  /// is left alone.
  ///
  /// @param now wall clock, milliseconds
  ResponseHead received(ResponseHead head, long now) {
    Fields out = withoutHopByHop(head.fields(), 4);
    if (!out.has(FieldName.DATE)) {
      out.add(FieldName.DATE, HttpDate.format(now / 1_000));
    }
    return new ResponseHead(head.status(), out);
  }

  /// Whether apps that follow CGI (RFC 3875, section 4.1.18) take it for a field that is looked at
  /// here: they know names with `_` only, and so can't tell `X_Forwarded_Host` from the real one.
  private static boolean passesForAnother(FieldName name) {
    if (name.lower().indexOf('_') < 0) {
      return false;
    }
    FieldName other = FieldName.of(name.lower().replace('_', '-'));
    return other.isKnown()
        || UNKEYED_OVERRIDES.contains(other)
        || METHOD_OVERRIDES.contains(other)
        || CLAIMS.contains(other);
  }

  private static boolean isSafeToDropOverrides(RequestHead head) {
    // A POST with a method override is an app's own convention and never answered from a cache.
    return !head.method().equals("POST");
  }

  private static void append(Fields out, FieldName name, String value) {
    String before = out.combined(name);
    out.set(name, before == null ? value : before + ", " + value);
  }

  /// Takes out of a request what its `Connection` names beside the well-known: fields that are
  /// meant for this hop. The origin does not see them, so nothing here may be chosen by them
  /// either; else a client could have an answer stored for a value that made no difference to it.
  static void dropNominated(Fields request) {
    Set<String> listed = request.has(FieldName.CONNECTION) ? nominated(request) : null;
    if (listed != null) {
      request.removeIf(name -> listed.contains(name.lower()) && !HOP_BY_HOP.contains(name));
    }
  }

  private static @Nullable Set<String> nominated(Fields fields) {
    String connection = fields.combined(FieldName.CONNECTION);
    if (connection == null) {
      return null;
    }
    Set<String> listed = new HashSet<>();
    for (String token : FieldLists.split(connection)) {
      listed.add(token.toLowerCase(Locale.ROOT));
    }
    return listed;
  }

  static Fields withoutHopByHop(Fields fields, int room) {
    Fields out = new Fields(fields.size() + room);
    Set<String> listed = nominated(fields);
    for (int i = 0; i < fields.size(); i++) {
      FieldName name = fields.name(i);
      if (!HOP_BY_HOP.contains(name) && (listed == null || !listed.contains(name.lower()))) {
        out.add(name, fields.value(i));
      }
    }
    return out;
  }
}
