package dev.freshet.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1048576, 1048576",
    "17b, 17",
    "1k, 1024",
    "64 KiB, 65536",
    "64kb, 65536",
    "' 256MB ', 268435456",
    "3 gib, 3221225472",
    "2T, 2199023255552",
    "8388607TB, 9223370937343148032",
    "999999999999999, 999999999999999"
  })
  void readsSizesAsPeopleWriteThem(String text, long bytes) {
    assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "MB",
        "-1",
        "+1",
        "1.5GB",
        "1,000",
        "12XB",
        "12 M B",
        "1 2",
        "0x10",
        "1e3",
        "12MBs",
        "٣MB",
        "1000000000000000"
      })
  void refusesWhatIsNotASizeAndShowsOne(String text) {
    assertThatThrownBy(() -> ByteSize.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'" + text + "' is not a size; write it like 256MB");
  }

  @ParameterizedTest
  @ValueSource(strings = {"8388608TB", "999999999999999TB", "999999999999999GB"})
  void refusesMoreThanCanBeCounted(String text) {
    assertThatThrownBy(() -> ByteSize.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(text)
        .hasMessageContaining("256MB");
  }

  @Test
  void isNeverNegative() {
    assertThatThrownBy(() -> new ByteSize(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0B",
    "1023, 1023B",
    "1024, 1KB",
    "1536, 1.5KB",
    "268435456, 256MB",
    "2199023255552, 2TB",
    "9223370937343148032, 8388607TB"
  })
  void isShownInTheLargestUnitThatFits(long bytes, String text) {
    assertThat(new ByteSize(bytes)).hasToString(text);
  }

  @Test
  void whatIsShownWholeReadsBackTheSame() {
    for (int shift = 0; shift < 50; shift++) {
      ByteSize size = new ByteSize(1L << shift);
      assertThat(ByteSize.parse(size.toString())).isEqualTo(size);
    }
  }
}
