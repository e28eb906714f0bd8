package dev.freshet.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Byte ranges (RFC 9110, section 14).
class ByteRangesTest {
  private static final String MAX = "9223372036854775807";

  /// What a range means for ten octets; `-` when for none.
  private static String ofTen(String value) {
    ByteRanges ranges = Objects.requireNonNull(ByteRanges.parse(value), value);
    List<String> out = new ArrayList<>();
    for (int i = 0; i < ranges.size(); i++) {
      ByteRanges.Resolved resolved = ranges.resolve(i, 10);
      out.add(resolved == null ? "-" : resolved.first() + ".." + resolved.last());
    }
    return String.join(" ", out);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          bytes=0-4                        | 0..4
          Bytes=0-4                        | 0..4
          bytes=9-9                        | 9..9
          bytes=9-                         | 9..9
          bytes=0-                         | 0..9
          bytes=5-99                       | 5..9
          bytes=-3                         | 7..9
          bytes=-10                        | 0..9
          bytes=-11                        | 0..9
          bytes=-0                         | -
          bytes=10-                        | -
          bytes=10-20                      | -
          bytes=00002-0003                 | 2..3
          bytes=0-0, -1                    | 0..0 9..9
          bytes=,0-0 ,\t,5-,               | 0..0 5..9
          bytes= 0-0                       | 0..0
          bytes=4-6,0-2,5-8                | 4..6 0..2 5..8
          """)
  void meansOctetsThatExist(String value, String due) {
    assertThat(ofTen(value)).isEqualTo(due);
  }

  /// Some clients write the largest number they know for "to the end"; numbers have no limit (RFC
  /// 9110, section 14.1.2).
  @ParameterizedTest
  @CsvSource({
    "bytes=3-9223372036854775806, 3..9",
    "bytes=3-9223372036854775807, 3..9",
    "bytes=3-9223372036854775808, 3..9",
    "bytes=3-18446744073709551615, 3..9",
    "bytes=-18446744073709551616, 0..9",
    "bytes=3-99999999999999999999999999999999999999, 3..9",
    "bytes=18446744073709551616-, -",
    "bytes=18446744073709551616-18446744073709551617, -",
    "bytes=00000000000000000000000000000000003-4, 3..4"
  })
  void countsAsFarAsAnybodyWrites(String value, String due) {
    assertThat(ofTen(value)).isEqualTo(due);
  }

  /// "When a selected representation has zero length, the only satisfiable form of range-spec is a
  /// suffix-range with a non-zero suffix-length."
  @ParameterizedTest
  @CsvSource({
    "-5, 10, true",
    "-5, 0, true",
    "-0, 10, false",
    "-0, 0, false",
    "0-, 0, false",
    "0-4, 0, false",
    "0-0, 1, true",
    "9-, 10, true",
    "10-, 10, false"
  })
  void isSatisfiableAsTheRfcSaysEvenWhereThereAreNoOctets(String range, long length, boolean is) {
    ByteRanges ranges = Objects.requireNonNull(ByteRanges.parse("bytes=" + range));
    assertThat(ranges.isSatisfiable(0, length)).isEqualTo(is);
    assertThat(ranges.resolve(0, length) != null).isEqualTo(is && length > 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bytes",
        "bytes=",
        "bytes=,",
        "bytes=-",
        "bytes=5",
        "bytes=a-b",
        "bytes=0-a",
        "bytes=5-4",
        "bytes=18446744073709551616-5",
        "bytes=0-4,5-4",
        "bytes=0-4,x",
        "bytes=0--4",
        "bytes=--4",
        "bytes=0-4-5",
        "bytes=+0-4",
        "bytes=0 - 4",
        "bytes=0- 4",
        "bytes=0x0-0x4",
        "bytes=\"0-4\"",
        "bytes=\u0661-\u0662",
        "bytes =0-4",
        "bytes:0-4",
        "items=0-4",
        "xbytes=0-4"
      })
  void ignoresWhatIsNoRangeOfOctets(String value) {
    assertThat(ByteRanges.parse(value)).isNull();
  }

  @Test
  void ignoresMoreRangesThanAnybodyNeeds() {
    assertThat(ofTen("bytes=" + "0-1,".repeat(16)).split(" ")).hasSize(16);
    assertThat(ByteRanges.parse("bytes=" + "0-1,".repeat(17))).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          bytes 0-4/10          | 0 | 4   | 10
          Bytes 5-9/10          | 5 | 9   | 10
          bytes 0-0/1           | 0 | 0   | 1
          bytes 0-4/*           | 0 | 4   | -1
          bytes 0-4/999999999999999999 | 0 | 4 | 999999999999999999
          """)
  void readsContentRanges(String value, long first, long last, long length) {
    assertThat(ByteRanges.parseContentRange(value))
        .isEqualTo(new ByteRanges.ContentRange(first, last, length));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bytes",
        "bytes ",
        "bytes */10",
        "bytes */*",
        "bytes 0-4",
        "bytes 0-4/",
        "bytes 0-10/10",
        "bytes 5-4/10",
        "bytes -4/10",
        "bytes 0-/10",
        "bytes 0-4/-",
        "bytes 0-4/10/11",
        "bytes 0-4/10 ",
        "bytes  0-4/10",
        "bytes 0 - 4/10",
        "bytes=0-4/10",
        "bytes 0/4-10",
        "items 0-4/10",
        "bytes 0-" + MAX + "/*",
        "bytes 0-4/" + MAX,
        "bytes 0-18446744073709551616/*",
        "bytes 0-4/18446744073709551616"
      })
  void ignoresOtherContentRanges(String value) {
    assertThat(ByteRanges.parseContentRange(value)).isNull();
  }

  @Test
  void ignoresNoContentRangeAtAll() {
    assertThat(ByteRanges.parseContentRange(null)).isNull();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void resolvesToExactlyTheOctetsAskedFor(long base) {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    for (int i = 0; i < 20_000; i++) {
      int length = rolls.between(0, 12);
      int first = rolls.between(0, 14);
      int last = first + rolls.between(0, 14);
      int kind = rolls.between(0, 2);
      String range = kind == 0 ? "-" + first : first + "-" + (kind == 1 ? "" : last);
      ByteRanges ranges = Objects.requireNonNull(ByteRanges.parse("bytes=" + range), range);
      List<Long> due = new ArrayList<>();
      for (long at = 0; at < length; at++) {
        boolean isIn = kind == 0 ? at >= length - first : at >= first && (kind == 1 || at <= last);
        if (isIn) {
          due.add(at);
        }
      }
      ByteRanges.@Nullable Resolved found = ranges.resolve(0, length);
      assertThat(found)
          .as("seed %d, %s of %d", rolls.seed(), range, length)
          .isEqualTo(due.isEmpty() ? null : new ByteRanges.Resolved(due.getFirst(), due.getLast()));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void neverLeavesTheContentHoweverDamagedTheRange(long base) {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    int read = 0;
    for (int i = 0; i < 20_000; i++) {
      String text = Wire.damaged("bytes=" + rolls.between(0, 99) + "-99,-5", rolls);
      ByteRanges ranges = ByteRanges.parse(text);
      for (int at = 0; ranges != null && at < ranges.size(); at++) {
        long length = rolls.between(0, 200);
        ByteRanges.Resolved found = ranges.resolve(at, length);
        if (found != null) {
          read++;
          assertThat(found.first()).as("seed %d, %s", rolls.seed(), text).isBetween(0L, length - 1);
          assertThat(found.last())
              .as("seed %d, %s", rolls.seed(), text)
              .isBetween(found.first(), length - 1);
        }
      }
    }
    assertThat(read).as("seed %d", rolls.seed()).isGreaterThan(1_000);
  }
}
