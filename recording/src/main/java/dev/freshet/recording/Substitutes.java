package dev.freshet.recording;

import dev.freshet.base.Bounded;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Stands for what may not be said: the same text gets the same substitute, of the same shape, as
/// long as the key is there; without it nobody can tell what stood for what. Used by one thread.
///
/// Nobody can be reached under a substitute: addresses end in `.invalid` (RFC 2606), long numbers
/// begin with 999, which no country has.
final class Substitutes {
  private static final String DOMAIN = "masked.invalid";
  private static final int MOST_KNOWN = 8_192;
  private static final int LONGEST_KNOWN = 1_000;
  private final byte[] key;
  private final Mac mac;

  /// A visitor asks for many things, and the hash takes a microsecond.
  private final Map<String, String> fingerprints = Bounded.byUse(MOST_KNOWN);

  /// @param key kept here until [#forget]
  Substitutes(byte[] key) {
    this.key = key.clone();
    try {
      mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(this.key, "HmacSHA256"));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HMAC with SHA-256", e);
    }
  }

  /// Sixteen octets that tell this text from others, as text.
  String fingerprint(String text) {
    String known = fingerprints.get(text);
    if (known == null) {
      known = hashed(text);
      if (text.length() <= LONGEST_KNOWN) {
        fingerprints.put(text, known);
      }
    }
    return known;
  }

  private String hashed(String text) {
    return new String(Arrays.copyOf(octets(text, -1), 16), StandardCharsets.ISO_8859_1);
  }

  /// Same length and kinds of characters, but for an e-mail address's domain.
  String of(String text) {
    int at = text.indexOf('@');
    if (at > 0 && at < text.length() - 1) {
      return shape(text.substring(0, at), text) + '@' + DOMAIN;
    }
    return shape(text, text);
  }

  /// As [#of], still a number of JSON.
  String ofNumber(String number) {
    String shaped = shape(number, number);
    int first = shaped.startsWith("-") ? 1 : 0;
    return shaped.charAt(first) == '0'
        ? shaped.substring(0, first) + '9' + shaped.substring(first + 1)
        : shaped;
  }

  private String shape(String form, String whole) {
    for (int attempt = 0; attempt < 20; attempt++) {
      String shaped = shape(form, whole, attempt);
      if (!shaped.equals(form)) {
        return shaped;
      }
    }
    // Nothing in it can be another.
    return "*".repeat(form.length());
  }

  private String shape(String form, String whole, int attempt) {
    StringBuilder out = new StringBuilder(form.length());
    boolean isLong = Telltale.hasLongNumber(form);
    byte[] chance = new byte[0];
    int digits = 0;
    for (int i = 0; i < form.length(); i++) {
      if (i % 32 == 0) {
        chance = octets(whole, attempt * 4_096 + i / 32);
      }
      int roll = chance[i % 32] & 0xff;
      char c = form.charAt(i);
      if (c >= '0' && c <= '9') {
        out.append(isLong && digits++ < 3 ? '9' : (char) ('0' + roll % 10));
      } else if (c >= 'a' && c <= 'z') {
        out.append((char) ('a' + roll % 26));
      } else if (c >= 'A' && c <= 'Z') {
        out.append((char) ('A' + roll % 26));
      } else if (Character.isLetterOrDigit(c) || Character.isSurrogate(c)) {
        out.append((char) ('a' + roll % 26));
      } else {
        out.append(c == '@' || c == '%' || Character.isISOControl(c) ? '_' : c);
      }
    }
    return out.toString();
  }

  private byte[] octets(String text, int counter) {
    mac.update(text.getBytes(StandardCharsets.UTF_8));
    mac.update((byte) 0);
    for (int shift = 24; shift >= 0; shift -= 8) {
      mac.update((byte) (counter >> shift));
    }
    return mac.doFinal();
  }

  /// From now on nothing can be told by it.
  void forget() {
    Arrays.fill(key, (byte) 0);
    fingerprints.clear();
    try {
      mac.init(new SecretKeySpec(new byte[] {0}, "HmacSHA256"));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("any key will do", e);
    }
  }
}
