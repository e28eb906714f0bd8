package dev.freshet.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/// A field name (RFC 9110, section 5.1): compared without case, written with its usual capitals in
/// HTTP/1.1 and in lower case in HTTP/2.
///
/// Well-known names are shared instances, so comparing them is comparing references.
public final class FieldName {
  private static final Map<String, FieldName> KNOWN = new HashMap<>(256);
  private static final FieldName[][] BY_LENGTH = new FieldName[40][];

  public static final FieldName ACCEPT = known("Accept");
  public static final FieldName ACCEPT_ENCODING = known("Accept-Encoding");
  public static final FieldName ACCEPT_LANGUAGE = known("Accept-Language");
  public static final FieldName ACCEPT_RANGES = known("Accept-Ranges");
  public static final FieldName AGE = known("Age");
  public static final FieldName ALLOW = known("Allow");
  public static final FieldName ALT_SVC = known("Alt-Svc");
  public static final FieldName AUTHORIZATION = known("Authorization");
  public static final FieldName CACHE_CONTROL = known("Cache-Control");
  public static final FieldName CACHE_GROUP_INVALIDATION = known("Cache-Group-Invalidation");
  public static final FieldName CACHE_GROUPS = known("Cache-Groups");
  public static final FieldName CACHE_STATUS = known("Cache-Status");
  public static final FieldName CACHE_TAG = known("Cache-Tag");
  public static final FieldName CDN_CACHE_CONTROL = known("CDN-Cache-Control");
  public static final FieldName CONNECTION = known("Connection");
  public static final FieldName CONTENT_ENCODING = known("Content-Encoding");
  public static final FieldName CONTENT_LANGUAGE = known("Content-Language");
  public static final FieldName CONTENT_LENGTH = known("Content-Length");
  public static final FieldName CONTENT_LOCATION = known("Content-Location");
  public static final FieldName CONTENT_RANGE = known("Content-Range");
  public static final FieldName CONTENT_TYPE = known("Content-Type");
  public static final FieldName COOKIE = known("Cookie");
  public static final FieldName DATE = known("Date");
  public static final FieldName ETAG = known("ETag");
  public static final FieldName EXPECT = known("Expect");
  public static final FieldName EXPIRES = known("Expires");
  public static final FieldName FORWARDED = known("Forwarded");
  public static final FieldName HOST = known("Host");
  public static final FieldName HTTP2_SETTINGS = known("HTTP2-Settings");
  public static final FieldName IF_MATCH = known("If-Match");
  public static final FieldName IF_MODIFIED_SINCE = known("If-Modified-Since");
  public static final FieldName IF_NONE_MATCH = known("If-None-Match");
  public static final FieldName IF_RANGE = known("If-Range");
  public static final FieldName IF_UNMODIFIED_SINCE = known("If-Unmodified-Since");
  public static final FieldName KEEP_ALIVE = known("Keep-Alive");
  public static final FieldName LAST_MODIFIED = known("Last-Modified");
  public static final FieldName LINK = known("Link");
  public static final FieldName LOCATION = known("Location");
  public static final FieldName NO_VARY_SEARCH = known("No-Vary-Search");
  public static final FieldName ORIGIN = known("Origin");
  public static final FieldName PRAGMA = known("Pragma");
  public static final FieldName PROXY_AUTHENTICATE = known("Proxy-Authenticate");
  public static final FieldName PROXY_AUTHORIZATION = known("Proxy-Authorization");
  public static final FieldName PROXY_CONNECTION = known("Proxy-Connection");
  public static final FieldName RANGE = known("Range");
  public static final FieldName REFERER = known("Referer");
  public static final FieldName RETRY_AFTER = known("Retry-After");
  public static final FieldName SERVER = known("Server");
  public static final FieldName SET_COOKIE = known("Set-Cookie");
  public static final FieldName SURROGATE_CONTROL = known("Surrogate-Control");
  public static final FieldName SURROGATE_KEY = known("Surrogate-Key");
  public static final FieldName TE = known("TE");
  public static final FieldName TRACEPARENT = known("Traceparent");
  public static final FieldName TRAILER = known("Trailer");
  public static final FieldName TRANSFER_ENCODING = known("Transfer-Encoding");
  public static final FieldName UPGRADE = known("Upgrade");
  public static final FieldName USER_AGENT = known("User-Agent");
  public static final FieldName VARY = known("Vary");
  public static final FieldName VIA = known("Via");
  public static final FieldName WARNING = known("Warning");
  public static final FieldName WWW_AUTHENTICATE = known("WWW-Authenticate");
  public static final FieldName X_FORWARDED_FOR = known("X-Forwarded-For");
  public static final FieldName X_FORWARDED_HOST = known("X-Forwarded-Host");
  public static final FieldName X_FORWARDED_PROTO = known("X-Forwarded-Proto");
  public static final FieldName X_REQUEST_ID = known("X-Request-Id");

  static {
    String[] more = {
      "Access-Control-Allow-Origin",
      "Access-Control-Allow-Headers",
      "Content-Disposition",
      "Content-Security-Policy",
      "DNT",
      "Permissions-Policy",
      "Priority",
      "Referrer-Policy",
      "Sec-CH-UA",
      "Sec-CH-UA-Mobile",
      "Sec-CH-UA-Platform",
      "Sec-Fetch-Dest",
      "Sec-Fetch-Mode",
      "Sec-Fetch-Site",
      "Sec-Fetch-User",
      "Sec-Purpose",
      "Sec-WebSocket-Accept",
      "Sec-WebSocket-Key",
      "Sec-WebSocket-Version",
      "Server-Timing",
      "Strict-Transport-Security",
      "Upgrade-Insecure-Requests",
      "X-Content-Type-Options",
      "X-Frame-Options",
      "X-Powered-By"
    };
    for (String name : more) {
      known(name);
    }
    for (FieldName name : KNOWN.values()) {
      int length = name.text.length();
      FieldName[] row = BY_LENGTH[length] == null ? new FieldName[0] : BY_LENGTH[length];
      FieldName[] longer = Arrays.copyOf(row, row.length + 1);
      longer[row.length] = name;
      BY_LENGTH[length] = longer;
    }
  }

  private final String text;
  private final String lower;
  private final byte[] line;
  private final boolean known;
  private final long bit;

  private FieldName(String text, boolean known) {
    this.text = text;
    this.known = known;
    this.lower = text.toLowerCase(Locale.ROOT);
    this.bit = 1L << (known ? KNOWN.size() : lower.hashCode());
    this.line = (text + ": ").getBytes(StandardCharsets.ISO_8859_1);
  }

  private static FieldName known(String text) {
    FieldName name = new FieldName(text, true);
    KNOWN.put(name.lower, name);
    return name;
  }

  /// The shared instance for a well-known name, else a new one that keeps the given capitals. Does
  /// not check the grammar.
  public static FieldName of(String text) {
    FieldName known = KNOWN.get(text);
    if (known == null) {
      known = KNOWN.get(text.toLowerCase(Locale.ROOT));
    }
    return known != null ? known : new FieldName(text, false);
  }

  /// As [#of(String)], from ASCII bytes, without allocating when the name is well known.
  public static FieldName of(byte[] bytes, int from, int to) {
    int length = to - from;
    FieldName[] row = length < BY_LENGTH.length ? BY_LENGTH[length] : null;
    if (row != null) {
      for (FieldName candidate : row) {
        if (sameIgnoringCase(candidate.line, bytes, from, length)) {
          return candidate;
        }
      }
    }
    return new FieldName(new String(bytes, from, length, StandardCharsets.ISO_8859_1), false);
  }

  private static boolean sameIgnoringCase(byte[] name, byte[] bytes, int from, int length) {
    for (int i = 0; i < length; i++) {
      int a = name[i];
      int b = bytes[from + i];
      if (a != b) {
        int folded = a | 0x20;
        if (folded != (b | 0x20) || folded < 'a' || folded > 'z') {
          return false;
        }
      }
    }
    return true;
  }

  /// With capitals, as HTTP/1.1 usually shows it.
  public String text() {
    return text;
  }

  /// In lower case, as HTTP/2 demands.
  public String lower() {
    return lower;
  }

  /// Whether it is one of those that are shared instances.
  public boolean isKnown() {
    return known;
  }

  /// One of 64 bits, the same for equal names: a set of names is a word that tells most absent
  /// names from present ones.
  long bit() {
    return bit;
  }

  /// Bytes of `Name: ` that begin an HTTP/1.1 field line; must not be changed.
  @SuppressWarnings("MutableMethodReturnType")
  public byte[] line() {
    return line;
  }

  @Override
  public boolean equals(Object other) {
    if (this == other) {
      return true;
    }
    // Two well-known names are equal only when they are the same instance.
    return other instanceof FieldName name && !(known && name.known) && lower.equals(name.lower);
  }

  @Override
  public int hashCode() {
    return lower.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
