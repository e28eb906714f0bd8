package dev.freshet.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.FakeTime;
import dev.freshet.base.Rolls;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Secrets of many shapes, put into requests in many places and wrappings: none is in the file, nor
/// in any of the forms in which it could be there.
// JUnit ends a test that is interrupted.
@SuppressWarnings("InterruptedExceptionSwallowed")
class NoSecretTest {
  private static final int REQUESTS = Integer.getInteger("masked.requests", 100);
  private static final List<String> FIRST = List.of("Jane", "Giuseppe", "Agnieszka", "Ximena");
  private static final List<String> LAST = List.of("Doerksen", "Bianchini", "Wisniewska");
  private static final List<String> FIELDS =
      List.of("email", "password", "q", "x", "note", "iban", "data", "v", "page");
  @TempDir private Path folder;
  private final Rolls rolls = new Rolls(Long.getLong("masked.seed", System.nanoTime()));
  private final Set<String> planted = new TreeSet<>();

  private String digits(int n) {
    StringBuilder out = new StringBuilder();
    out.append(rolls.between(1, 8));
    for (int i = 1; i < n; i++) {
      out.append(rolls.between(0, 9));
    }
    return out.toString();
  }

  /// One that must not be seen wherever it stands.
  private String strong() {
    return switch (rolls.between(0, 8)) {
      case 0 -> (word() + '.' + word() + "@" + word() + ".example").toLowerCase(Locale.ROOT);
      case 1 -> "+49 " + digits(3) + ' ' + digits(7);
      case 2 -> digits(4) + '-' + digits(4) + '-' + digits(4) + '-' + digits(4);
      case 3 -> digits(rolls.between(12, 19));
      case 4 -> HexFormat.of().formatHex(rolls.bytes(rolls.between(8, 32)));
      case 5 -> new UUID(rolls.nextLong(), rolls.nextLong()).toString();
      case 6 -> "eyJhbGciOiJIUzI1NiJ9." + base64(rolls.bytes(60)) + '.' + base64(rolls.bytes(32));
      case 7 -> base64(rolls.bytes(rolls.between(20, 40)));
      default -> rolls.text(rolls.between(24, 40), "");
    };
  }

  /// One that only its place gives away.
  private String weak() {
    return rolls.chance(0.5)
        ? rolls.oneOf(FIRST) + ' ' + rolls.oneOf(LAST)
        : word() + rolls.text(4, "!?$*");
  }

  private String word() {
    return rolls.oneOf(FIRST) + rolls.oneOf(LAST);
  }

  private static String base64(byte[] octets) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
  }

  private String plant(String secret) {
    planted.add(secret);
    return secret;
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String percent(String text) {
    StringBuilder out = new StringBuilder();
    for (byte octet : octets(text)) {
      out.append(String.format(Locale.ROOT, "%%%02X", octet));
    }
    return out.toString();
  }

  private static String escaped(String text) {
    StringBuilder out = new StringBuilder();
    text.chars().forEach(c -> out.append(String.format(Locale.ROOT, "\\u%04x", c)));
    return out.toString();
  }

  private static String url(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private String wrapped(String secret) {
    return switch (rolls.between(0, 6)) {
      case 0 -> percent(secret);
      case 1 -> url(url(secret));
      case 2 -> url(Base64.getEncoder().encodeToString(octets("u:" + secret)));
      case 3 -> base64(octets(secret));
      case 4 -> url("id-7 " + secret + " x");
      default -> url(secret);
    };
  }

  private String target() {
    String path =
        switch (rolls.between(0, 5)) {
          case 0 -> "/x/" + wrapped(plant(strong())).replace("+", "%20");
          case 1 -> "/users/" + wrapped(plant(weak())).replace("+", "%20") + "/edit";
          case 2 -> "/reset/" + wrapped(plant(weak())).replace("+", "%20");
          case 3 -> "/page;jsessionid=" + plant(rolls.text(20, ""));
          case 4 -> "/img/" + wrapped(plant(strong())).replace("+", "%20") + ".png";
          default -> "/product/7";
        };
    return rolls.chance(0.5) ? path : path + '?' + form();
  }

  private String form() {
    List<String> pairs = new ArrayList<>();
    for (int i = rolls.between(1, 3); i > 0; i--) {
      String secret = plant(rolls.chance(0.5) ? strong() : weak());
      pairs.add(
          rolls.chance(0.1)
              ? wrapped(secret)
              : rolls.oneOf(FIELDS.subList(0, 8)) + '=' + wrapped(secret));
    }
    return String.join("&", pairs);
  }

  private String json(int deep) {
    String secret = plant(rolls.chance(0.5) ? strong() : weak());
    String shown =
        switch (rolls.between(0, 2)) {
          case 0 -> escaped(secret);
          case 1 -> wrapped(secret);
          default -> secret;
        };
    String value = deep > 0 ? json(deep - 1) : '"' + shown + '"';
    String number = plant(digits(rolls.between(12, 18)));
    String name = rolls.chance(0.2) ? plant(strong()) : rolls.oneOf(FIELDS);
    return "{\"" + name + "\": " + value + ", \"page\": [" + number + ", 7, null, \"desc\"]}";
  }

  private Sighting sighting(long nanos) {
    boolean isWrite = rolls.chance(0.5);
    String type = rolls.chance(0.5) ? "application/json" : "application/x-www-form-urlencoded";
    String text = type.endsWith("json") ? json(rolls.between(0, 3)) : form();
    String ofHeader = plant(strong());
    return new Sighting(
        "cookie sid=" + plant(strong()),
        false,
        isWrite ? "POST" : rolls.chance(0.05) ? plant(rolls.text(20, "")) : "GET",
        rolls.chance(0.1) ? plant(HexFormat.of().formatHex(rolls.bytes(10))) + ".example" : "a.b",
        target(),
        new Sighting.Said(
            "text/html, " + ofHeader,
            "de, " + ofHeader,
            ofHeader,
            "Bearer " + ofHeader,
            true,
            false,
            false),
        isWrite
            ? new Sighting.Content(
                rolls.chance(0.1) ? ofHeader : type,
                false,
                text.length(),
                new String(octets(text), StandardCharsets.ISO_8859_1))
            : Sighting.Content.NONE,
        nanos);
  }

  @Test
  void noPlantedSecretIsInTheFileInAnyOfItsForms() throws Exception {
    Path file = folder.resolve("t.frec");
    FakeTime time = new FakeTime(1_800_000_000_000L);
    RecordingOrder plain = RecordingOrder.of(file);
    RecordingOrder order =
        new RecordingOrder(
            file,
            plain.lasting(),
            plain.maxFile(),
            plain.maxText(),
            plain.maxContent(),
            Set.of("page"));
    try (Recorder recorder = Recorder.start(order, rolls.bytes(32), time, "test", () -> {})) {
      for (int i = 0; i < REQUESTS; i++) {
        Seen seen = recorder.asked(sighting(time.nanos()));
        recorder.renamed(seen, "cookie sid=" + plant(strong()));
      }
      assertThat(recorder.stop().leftOut()).isZero();
    }
    String text = RecorderTest.unpacked(file);
    String all = text + '\n' + peeled(text);
    String lower = all.toLowerCase(Locale.ROOT);
    assertThat(Recording.open(file).requests()).isEqualTo(REQUESTS);
    for (String secret : planted) {
      for (String form : forms(secret)) {
        assertThat(lower.contains(form.toLowerCase(Locale.ROOT)))
            .as("%s as %s, seed %d", secret, form, rolls.seed())
            .isFalse();
      }
    }
  }

  private static List<String> forms(String secret) {
    return List.of(
        secret,
        url(secret),
        url(secret).replace("+", "%20"),
        percent(secret),
        escaped(secret),
        base64(octets(secret)),
        Base64.getEncoder().encodeToString(octets(secret)),
        HexFormat.of().formatHex(octets(secret)));
  }

  /// The text with one layer of encodings taken off, as far as there is any: percent, JSON's
  /// escapes, and base64 wherever it may begin.
  private static String peeled(String text) {
    StringBuilder out = new StringBuilder(Telltale.percentDecoded(text));
    Matcher escapes = Pattern.compile("\\\\u([0-9a-fA-F]{4})").matcher(text);
    out.append(
        escapes.replaceAll(found ->
            Matcher.quoteReplacement(Character.toString(Integer.parseInt(found.group(1), 16)))));
    Matcher runs = Pattern.compile("[A-Za-z0-9+/_-]{8,}").matcher(Telltale.percentDecoded(text));
    while (runs.find()) {
      String run = runs.group().replace('-', '+').replace('_', '/');
      for (int from = 0; from < 4; from++) {
        String part = run.substring(from);
        int length = part.length() / 4 * 4;
        byte[] octets = Base64.getDecoder().decode(part.substring(0, length));
        out.append('\n').append(new String(octets, StandardCharsets.ISO_8859_1));
      }
    }
    return out.toString();
  }
}
