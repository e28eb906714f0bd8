package dev.freshet.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AbsoluteUrlTest {
  @ParameterizedTest
  @CsvSource(
      delimiterString = " -> ",
      quoteCharacter = '~',
      textBlock =
          """
          http://a.example             -> http a.example /
          https://A.example/           -> https A.example /
          http://a.example:8080/x      -> http a.example:8080 /x
          http://a.example:/x          -> http a.example: /x
          http://a_b/x                 -> http a_b /x
          http://127.0.0.1/x           -> http 127.0.0.1 /x
          http://[::1]:80/?q=1         -> http [::1]:80 /?q=1
          http://a.example?q           -> http a.example /?q
          http://a.example/x?          -> http a.example /x?
          http://a.example/x#part      -> http a.example /x
          http://a.example#part?a      -> http a.example /
          http://a.example//b/../c;d   -> http a.example //b/../c;d
          http://a.example/b:@c://d    -> http a.example /b:@c://d
          """)
  void takesAUrlApart(String text, String parts) {
    AbsoluteUrl url = AbsoluteUrl.parse(text);
    assertThat(url.scheme() + " " + url.authority() + " " + url.target()).isEqualTo(parts);
  }

  @ParameterizedTest
  @CsvSource({
    "http://A.example:80/x, a.example",
    "http://a.example:/x, a.example",
    "http://a.example:0080, a.example",
    "http://a.example:0, a.example:0",
    "http://a.example:00, a.example:00",
    "http://a.example:800, a.example:800",
    "http://a.example:180, a.example:180",
    "http://a.example:443/, a.example:443",
    "http://a.example:8080/, a.example:8080",
    "https://a.example:443/, a.example",
    "https://a.example:80/, a.example:80",
    "http://[::1]:80/, [::1]",
    "http://[::80], [::80]",
    "http://a.example/, a.example"
  })
  void namesASiteTheSameWithAndWithoutItsOwnPort(String url, String site) {
    assertThat(AbsoluteUrl.parse(url).site()).isEqualTo(site);
  }

  @Test
  void takesEveryTargetThatARequestLineMayHold() throws HeadReader.Refused {
    for (char c = '!'; c <= '~'; c++) {
      byte[] line = Wire.octets("GET /a" + c + "b HTTP/1.1\r\n");
      HeadReader.Bounds bounds = new HeadReader.Bounds(1, 100);
      String target;
      try {
        target = HeadReader.requestLine(line, 0, line.length, bounds, new int[1]).target();
      } catch (HeadReader.Refused e) {
        assertThat("#\\").contains(String.valueOf(c));
        continue;
      }
      assertThat(AbsoluteUrl.parse("http://a.example" + target).target()).isEqualTo(target);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/x",
        "//a.example/x",
        "a.example/x",
        "ftp://a.example/x",
        "HTTP://a.example/x",
        "http:/x",
        "http://",
        "http:///x",
        "http://?x",
        "http://:80/x",
        "http://a.example:port/x",
        "http://a.example:80:80/x",
        "http://user@a.example/x",
        "http://a|b.example/x",
        "http://[::1/x",
        "http://a.example/a b",
        " http://a.example/",
        "http://a.example/\t",
        "http://a.example/\r\n",
        "http://a.example/\u0000",
        "http://a.example/\u00fc"
      })
  void refusesWhatNoClientSends(String text) {
    assertThatThrownBy(() -> AbsoluteUrl.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "'%s' is not absolute; write it as clients do, like http://shop.example/a", text);
  }
}
