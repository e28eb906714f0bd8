package dev.freshet.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostPortTest {
  private static final int DEFAULT = 8_090;

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:8080, 127.0.0.1, 8080",
    "127.0.0.1, 127.0.0.1, 8090",
    "shop.example:1, shop.example, 1",
    "my_shop-2.example, my_shop-2.example, 8090",
    "' localhost:80 ', localhost, 80",
    ":8080, 0.0.0.0, 8080",
    "localhost:0, localhost, 0",
    "localhost:65535, localhost, 65535",
    "localhost:00080, localhost, 80",
    "[::1]:8080, ::1, 8080",
    "[::1], ::1, 8090",
    "::1, ::1, 8090",
    "::, ::, 8090",
    "[::]:80, ::, 80",
    "[2001:db8::7]:443, 2001:db8::7, 443",
    "2001:db8::7:443, 2001:db8::7:443, 8090",
    "[::ffff:10.0.0.1]:443, ::ffff:10.0.0.1, 443",
    "[fe80::1%eth0]:443, fe80::1%eth0, 443"
  })
  void readsHostAndPort(String text, String host, int port) {
    assertThat(HostPort.parse(text, DEFAULT)).isEqualTo(new HostPort(host, port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost:",
        "localhost:x",
        "localhost:-1",
        "localhost:+80",
        "localhost:8 0",
        "localhost:٨٠",
        "localhost:123456",
        "localhost: 80",
        "[::1]:",
        "[::1]:x",
        "[::1",
        "[::1:80",
        "::1]",
        "::1]:80",
        "[::1]x",
        "[::1]80",
        "[::1]x:80",
        "[]",
        "[]:80",
        "[localhost]:80",
        "[[::1]]:80",
        "http://localhost:80",
        "http://localhost",
        "localhost/",
        "localhost:80/",
        "user@localhost",
        "user:pass@localhost:80",
        "a b:80",
        "a,b",
        "shop:web:80",
        ""
      })
  void refusesWhatIsNotAnAddressAndShowsOne(String text) {
    assertThatThrownBy(() -> HostPort.parse(text, DEFAULT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'" + text + "' is not an address; write it like 127.0.0.1:8080");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:65536", "[::1]:99999"})
  void refusesPortsThatDoNotExist(String text) {
    assertThatThrownBy(() -> HostPort.parse(text, DEFAULT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not between 0 and 65535");
  }

  @Test
  void isMadeOnlyOfAHostAndAPortThatExist() {
    assertThatThrownBy(() -> new HostPort("", 80)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new HostPort("a", -1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new HostPort("a", 65_536))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:80", "shop.example:0", "[::1]:8080", "[fe80::1%eth0]:443"})
  void isWrittenAsItIsRead(String text) {
    assertThat(HostPort.parse(text, DEFAULT)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"localhost", "LocalHost", "127.0.0.1", "127.255.3.77", "::1", "0:0:0:0:0:0:0:1"})
  void knowsTheAddressesThatOnlyThisMachineReaches(String host) {
    assertThat(new HostPort(host, 80).isLoopback()).isTrue();
  }

  /// A name may begin like an address, and its owner decides where it points.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "::",
        "10.0.0.1",
        "128.0.0.1",
        "shop.example",
        "localhost.evil.example",
        "127.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1evil.example",
        "127.0.0.256",
        "127.0.0",
        "127.",
        "::1.evil.example",
        "::10"
      })
  void takesNoOtherForOneOfThem(String host) {
    assertThat(new HostPort(host, 80).isLoopback()).isFalse();
  }
}
