package dev.freshet.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class VersionTest {
  /// The protocol's name is left out where it is HTTP (RFC 9110, section 7.6.3).
  @ParameterizedTest
  @CsvSource({"HTTP_1_0, 1.0", "HTTP_1_1, 1.1", "HTTP_2, 2"})
  void viaNamesTheVersionAlone(Version version, String via) {
    assertThat(version.via()).isEqualTo(via);
  }

  @ParameterizedTest
  @EnumSource
  void aRequestLineNamesTheProtocolToo(Version version) {
    assertThat(version.text()).isEqualTo("HTTP/" + version.via());
  }
}
