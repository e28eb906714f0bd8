package dev.freshet.recording;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// What the name of a parameter or field says about its value, and what a path's segment says about
/// the one behind it.
final class FieldNames {
  private static final List<String> OPENS =
      List.of(
          "pass",
          "pwd",
          "secret",
          "token",
          "auth",
          "session",
          "csrf",
          "xsrf",
          "apikey",
          "signature",
          "credential",
          "jwt",
          "bearer",
          "cookie",
          "otp",
          "cvv",
          "cvc",
          "nonce",
          "ticket",
          "verifier",
          "saml");
  private static final Set<String> OPENS_EXACTLY =
      Set.of(
          "sid", "sig", "pin", "code", "state", "key", "hash", "hmac", "assertion", "mfa", "2fa");

  /// Codes that everybody knows.
  private static final Pattern PUBLIC_CODE =
      Pattern.compile("(?:zip|post|postal|country|currency|language|lang)code$");

  /// Between the words of a name: `new_pin`, `user[pin]`, `smsCode`, `PINCode`.
  private static final Pattern BETWEEN_WORDS =
      Pattern.compile("[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])");

  private static final List<String> TELLS =
      List.of(
          "mail",
          "phone",
          "tel",
          "mobile",
          "name",
          "street",
          "address",
          "addr",
          "zip",
          "postal",
          "postcode",
          "city",
          "birth",
          "iban",
          "account",
          "card",
          "ssn",
          "tax",
          "passport",
          "geo",
          "login",
          "salary",
          "insurance");
  private static final Set<String> TELLS_EXACTLY =
      Set.of("dob", "lat", "lon", "lng", "ip", "user", "age", "sex", "gender", "plz", "vat");
  private static final Set<String> BEFORE_KEYS =
      Set.of(
          "reset",
          "verify",
          "verification",
          "confirm",
          "confirmation",
          "activate",
          "activation",
          "token",
          "tokens",
          "invite",
          "invites",
          "invitation",
          "invitations",
          "magic",
          "otp",
          "code",
          "auth",
          "unsubscribe",
          "share",
          "shared",
          "session",
          "sessions",
          "key",
          "keys",
          "secret",
          "password",
          "recover",
          "recovery",
          "join",
          "login",
          "signin",
          "2fa",
          "pin",
          "s");
  private static final Set<String> BEFORE_PEOPLE =
      Set.of(
          "user",
          "users",
          "u",
          "profile",
          "profiles",
          "member",
          "members",
          "people",
          "person",
          "author",
          "authors",
          "customer",
          "customers",
          "account",
          "accounts",
          "contact",
          "contacts",
          "patient",
          "patients",
          "employee",
          "employees",
          "email",
          "emails",
          "phone",
          "friend",
          "friends",
          "by",
          "name",
          "names",
          "search",
          "q");

  private FieldNames() {}

  /// Whether such a value lets somebody in.
  static boolean isKey(String name) {
    String bare = bare(name);
    boolean isPublic = PUBLIC_CODE.matcher(bare).find();
    boolean isCode = !isPublic && (bare.endsWith("code") || bare.endsWith("pin"));
    return isCode
        || anyWord(name, word -> OPENS_EXACTLY.contains(word) && !(isPublic && word.equals("code")))
        || OPENS.stream().anyMatch(bare::contains);
  }

  /// Whether such a value says something about a person.
  static boolean isPersonal(String name) {
    String bare = bare(name);
    return anyWord(name, TELLS_EXACTLY::contains) || TELLS.stream().anyMatch(bare::contains);
  }

  /// Whether what comes behind this segment of a path is likely to let somebody in.
  static boolean precedesKey(String segment) {
    return anyPart(segment, BEFORE_KEYS);
  }

  /// Whether what comes behind it is likely to name somebody.
  static boolean precedesPerson(String segment) {
    return anyPart(segment, BEFORE_PEOPLE);
  }

  /// `reset-password` is as telling as `reset`.
  private static boolean anyPart(String segment, Set<String> of) {
    for (String part : segment.toLowerCase(Locale.ROOT).split("[^a-z0-9]+", -1)) {
      if (of.contains(part)) {
        return true;
      }
    }
    return false;
  }

  /// Whether a word of the name is such a one, with its digits (`2fa`) or without (`pin1`), or all
  /// of it is.
  private static boolean anyWord(String name, Predicate<String> is) {
    for (String word : BETWEEN_WORDS.split(name, -1)) {
      if (is.test(word.toLowerCase(Locale.ROOT)) || is.test(bare(word))) {
        return true;
      }
    }
    return is.test(bare(name));
  }

  private static String bare(String name) {
    StringBuilder out = new StringBuilder(name.length());
    name.toLowerCase(Locale.ROOT)
        .chars()
        .filter(c -> c >= 'a' && c <= 'z')
        .forEach(out::appendCodePoint);
    return out.toString();
  }
}
