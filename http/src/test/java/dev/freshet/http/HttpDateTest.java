package dev.freshet.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// HTTP's dates (RFC 9110, section 5.6.7).
class HttpDateTest {
  private static final DateTimeFormatter IMF = form("EEE, dd MMM yyyy HH:mm:ss 'GMT'");
  private static final DateTimeFormatter RFC850 = form("EEEE, dd-MMM-yy HH:mm:ss 'GMT'");
  private static final DateTimeFormatter ASCTIME = form("EEE MMM ppd HH:mm:ss yyyy");

  private static DateTimeFormatter form(String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.US).withZone(ZoneOffset.UTC);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          784111777    | Sun, 06 Nov 1994 08:49:37 GMT
          784111777    | Sunday, 06-Nov-94 08:49:37 GMT
          784111777    | Sun Nov  6 08:49:37 1994
          784111777    | Sun Nov 06 08:49:37 1994
          784111777    | sun, 06 nov 1994 08:49:37 gmt
          784111777    | SUNDAY, 06-NOV-94 08:49:37 GMT
          0            | Thu, 01 Jan 1970 00:00:00 GMT
          -1           | Wed, 31 Dec 1969 23:59:59 GMT
          951782400    | Tue, 29 Feb 2000 00:00:00 GMT
          1709164800   | Thursday, 29-Feb-24 00:00:00 GMT
          1483228800   | Sat, 31 Dec 2016 23:59:60 GMT
          253402300799 | Fri, 31 Dec 9999 23:59:59 GMT
          0            | Thursday, 01-Jan-70 00:00:00 GMT
          946684800    | Saturday, 01-Jan-00 00:00:00 GMT
          3124224000   | Tuesday, 01-Jan-69 00:00:00 GMT
          """)
  void readsThreeForms(long seconds, String text) {
    assertThat(HttpDate.parse(text)).isEqualTo(seconds);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "-1",
        ",",
        "Sun,",
        "now",
        "784111777",
        "1994-11-06T08:49:37Z",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        " Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37  GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun,  6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06-Nov-1994 08:49:37 GMT",
        "Sun 06 Nov 1994 08:49:37 GMT",
        "Son, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Okt 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 06 Nov 1994 08.49.37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:00 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 1994 08:49:99 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 32 Dec 1994 08:49:37 GMT",
        "Wed, 29 Feb 2023 08:49:37 GMT",
        "Thu, 29 Feb 1900 08:49:37 GMT",
        "Sun, +6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov -994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:-7 GMT",
        "Sun, \u0660\u0666 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sunday, 06 Nov 94 08:49:37 GMT",
        "Sunday, 6-Nov-94 08:49:37 GMT",
        "Sunday, 29-Feb-23 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:61 GMT",
        "Sund, 06-Nov-94 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov  6 08:49:37 1994 GMT",
        "Sun Nov  6 08:49:37 94",
        "Sun Nov  0 08:49:37 1994",
        "Sun Nov    08:49:37 1994",
        "Sun Nov  6 08:49:61 1994",
        "Thu Feb 29 08:49:37 2023"
      })
  void readsNothingElse(String text) {
    assertThat(HttpDate.parse(text)).isEqualTo(HttpDate.INVALID);
  }

  @Test
  void writesThePreferredForm() {
    assertThat(HttpDate.format(784111777)).isEqualTo("Sun, 06 Nov 1994 08:49:37 GMT");
    assertThat(HttpDate.format(0)).isEqualTo("Thu, 01 Jan 1970 00:00:00 GMT");
    assertThat(HttpDate.format(-62135596800L)).isEqualTo("Mon, 01 Jan 0001 00:00:00 GMT");
  }

  @Test
  void knowsEveryDayOfFourHundredYears() {
    List<String> wrong = new ArrayList<>();
    LocalDate last = LocalDate.of(2370, 1, 1);
    for (LocalDate day = LocalDate.of(1970, 1, 1); day.isBefore(last); day = day.plusDays(1)) {
      long seconds = day.toEpochDay() * 86_400 + 12_345;
      String text = HttpDate.format(seconds);
      boolean isAlike = text.equals(IMF.format(Instant.ofEpochSecond(seconds)));
      if (!isAlike || HttpDate.parse(text) != seconds) {
        wrong.add(day + " is " + text);
      }
    }
    assertThat(wrong).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void readsTheSameMomentInAllForms(long base) {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    long first = LocalDateTime.of(1970, 1, 1, 0, 0).toEpochSecond(ZoneOffset.UTC);
    long after = LocalDateTime.of(2070, 1, 1, 0, 0).toEpochSecond(ZoneOffset.UTC);
    for (int i = 0; i < 10_000; i++) {
      long seconds = first + Math.floorMod(rolls.nextLong(), after - first);
      Instant moment = Instant.ofEpochSecond(seconds);
      for (DateTimeFormatter form : new DateTimeFormatter[] {IMF, RFC850, ASCTIME}) {
        String text = form.format(moment);
        assertThat(HttpDate.parse(text)).as("seed %d, %s", rolls.seed(), text).isEqualTo(seconds);
      }
    }
  }

  /// Only the name of the day, the case, and the leap second may differ from what was read.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void readsADamagedDateAsWhatItSaysOrNotAtAll(long base) {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    int read = 0;
    for (int i = 0; i < 20_000; i++) {
      long seconds = Math.floorMod(rolls.nextLong(), 253402300800L);
      String text = Wire.damaged(HttpDate.format(seconds), rolls);
      long found = HttpDate.parse(text);
      if (found != HttpDate.INVALID && text.indexOf(',') == 3) {
        read++;
        String due = text.substring(3).toLowerCase(Locale.ROOT);
        boolean isLeap = due.contains(":60 ");
        String written = HttpDate.format(isLeap ? found - 1 : found).substring(3);
        assertThat(written.toLowerCase(Locale.ROOT))
            .as("seed %d, case %d, %s", rolls.seed(), i, text)
            .isEqualTo(isLeap ? due.replace(":60 ", ":59 ") : due);
      }
    }
    assertThat(read).as("seed %d", rolls.seed()).isGreaterThan(100);
  }
}
