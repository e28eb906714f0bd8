package dev.freshet.gateway;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a statement does to the session, once it has succeeded and its transaction too.
sealed interface Change {
  /// A setting that can be made again elsewhere by the same words.
  record Set(String name, String sql) implements Change {}

  /// Back to what the connection began with.
  record Reset(String name) implements Change {}

  /// `RESET ALL`.
  record ResetAll() implements Change {}

  /// `DISCARD ALL`.
  record DiscardAll() implements Change {}

  /// `DEALLOCATE ALL`, `DISCARD ALL`: nothing is prepared any more.
  record DeallocateAll() implements Change {}

  Pattern SET =
      Pattern.compile(
          "SET\\s+(?:SESSION\\s+)?(?<name>[\\w.]+|\"[^\"]+\")\\s*(?:TO\\b|=)\\s*(?<value>.+)",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  Pattern SPECIAL =
      Pattern.compile(
          "SET\\s+(?:SESSION\\s+)?(?<name>TIME\\s+ZONE|NAMES|SCHEMA|ROLE|XML\\s+OPTION)"
              + "\\s*(?<value>.*)",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  Pattern AUTHORIZATION =
      Pattern.compile(
          "SET\\s+(?:SESSION\\s+)?SESSION\\s+AUTHORIZATION\\s+(?<value>.+)",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  Pattern LOCAL =
      Pattern.compile("SET\\s+LOCAL\\s+(?<rest>.+)", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  Pattern RESET =
      Pattern.compile(
          "RESET\\s+(?<name>SESSION\\s+AUTHORIZATION|TIME\\s+ZONE|[\\w.]+|\"[^\"]+\")",
          Pattern.CASE_INSENSITIVE);

  /// One of the modes that all later transactions begin in; what names several is not taken apart.
  Pattern CHARACTERISTIC =
      Pattern.compile(
          "SET\\s+SESSION\\s+CHARACTERISTICS\\s+AS\\s+TRANSACTION\\s+"
              + "(?:(?<level>ISOLATION\\s+LEVEL\\s+(?:SERIALIZABLE|REPEATABLE\\s+READ"
              + "|READ\\s+(?:UN)?COMMITTED))|READ\\s+(?:ONLY|WRITE))",
          Pattern.CASE_INSENSITIVE);

  /// What a SET does; null when its name can't be told.
  static @Nullable Change ofSet(byte[] text) {
    String sql = new String(text, StandardCharsets.UTF_8);
    Matcher characteristic = CHARACTERISTIC.matcher(sql);
    if (characteristic.matches()) {
      boolean isLevel = characteristic.group("level") != null;
      String name = isLevel ? "default_transaction_isolation" : "default_transaction_read_only";
      return new Set(name, sql);
    }
    Matcher special = SPECIAL.matcher(sql);
    if (special.matches()) {
      return set(alias(special.group("name")), special.group("value"), sql);
    }
    Matcher authorization = AUTHORIZATION.matcher(sql);
    if (authorization.matches()) {
      return set("session authorization", authorization.group("value"), sql);
    }
    Matcher plain = SET.matcher(sql);
    return plain.matches() ? set(folded(plain.group("name")), plain.group("value"), sql) : null;
  }

  private static @Nullable Change set(String name, String value, String sql) {
    String bare = value.strip().toLowerCase(Locale.ROOT);
    if (name.equals("seed")) {
      // What chance says next depends on how often it was asked since.
      return null;
    }
    boolean isReset =
        bare.equals("default")
            || (name.equals("role") && bare.equals("none"))
            || (name.equals("timezone") && bare.equals("local"));
    return isReset ? new Reset(name) : new Set(name, sql);
  }

  /// Whether a text prepared afterwards may mean something else.
  default boolean bearsOnMeaning() {
    return switch (this) {
      case Set(String name, String _) -> SessionSettings.bearsOnMeaning(name);
      case Reset(String name) -> SessionSettings.bearsOnMeaning(name);
      case ResetAll(), DiscardAll() -> true;
      case DeallocateAll() -> false;
    };
  }

  /// Whether it changes who the session is.
  default boolean isOfIdentity() {
    return switch (this) {
      case Set(String name, String _) -> SessionSettings.isIdentity(name);
      case Reset(String name) -> SessionSettings.isIdentity(name);
      case DiscardAll() -> true;
      case ResetAll(), DeallocateAll() -> false;
    };
  }

  /// Whether a SET LOCAL changes what a text means; SET TRANSACTION and the like do not.
  static boolean localBearsOnMeaning(byte[] text) {
    Matcher local = LOCAL.matcher(new String(text, StandardCharsets.UTF_8));
    if (!local.matches()) {
      return false;
    }
    Change change = ofSet(("SET " + local.group("rest")).getBytes(StandardCharsets.UTF_8));
    return change == null || change.bearsOnMeaning();
  }

  /// What a RESET does; null when it can't be told.
  static @Nullable Change ofReset(byte[] text) {
    Matcher reset = RESET.matcher(new String(text, StandardCharsets.UTF_8));
    if (!reset.matches()) {
      return null;
    }
    String name = alias(reset.group("name"));
    return name.equals("all") ? new ResetAll() : new Reset(name);
  }

  private static String alias(String name) {
    String words = name.toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
    return switch (words) {
      case "time zone" -> "timezone";
      case "names" -> "client_encoding";
      case "schema" -> "search_path";
      case "xml option" -> "xmloption";
      default -> folded(words);
    };
  }

  /// Names of settings are compared without case, quoted or not.
  static String folded(String name) {
    String bare = name.startsWith("\"") ? name.substring(1, name.length() - 1) : name;
    String lower = bare.toLowerCase(Locale.ROOT);
    return lower.equals("session_authorization") ? "session authorization" : lower;
  }
}
