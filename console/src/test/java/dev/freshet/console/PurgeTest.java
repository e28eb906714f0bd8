package dev.freshet.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.testkit.RawClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// An order is carried out as it is written, or refused whole with a reason.
@Timeout(60)
class PurgeTest {
  private static final int LIMIT = 1 << 20;
  private static final Duration SOON = Duration.ofMillis(500);
  private final Desk desk = new Desk();

  @AfterEach
  void close() {
    desk.close();
  }

  static Stream<Arguments> orders() {
    List<String> none = List.of();
    List<String> url = List.of("http://a.example/x");
    return Stream.of(
        Arguments.of(
            "{'urls':['http://a.example/x']}",
            new PurgeOrder(url, none, none, null, false, false, SOON)),
        Arguments.of(
            "{'urls':['https://a.example','http://[::1]:80/?q=1']}",
            new PurgeOrder(
                List.of("https://a.example", "http://[::1]:80/?q=1"),
                none,
                none,
                null,
                false,
                false,
                SOON)),
        Arguments.of(
            "{'urls':['http://a.example/|^`{}<>?[]%\\\"'],'prefix':'http://a.example/|'}",
            new PurgeOrder(
                List.of("http://a.example/|^`{}<>?[]%\""),
                none,
                none,
                "http://a.example/|",
                false,
                false,
                SOON)),
        Arguments.of(
            "{'groups':['products','über uns'],'soft':true}",
            new PurgeOrder(none, List.of("products", "über uns"), none, null, false, true, SOON)),
        Arguments.of(
            "{'prefix':'http://a.example/static/'}",
            new PurgeOrder(none, none, none, "http://a.example/static/", false, false, SOON)),
        Arguments.of(
            "{'tables':['products']}",
            new PurgeOrder(none, none, List.of("products"), null, false, false, SOON)),
        Arguments.of(
            "{'all':true,'wait':90}",
            new PurgeOrder(none, none, none, null, true, false, Duration.ofSeconds(90))),
        Arguments.of("{'all':true}", new PurgeOrder(none, none, none, null, true, false, SOON)),
        Arguments.of(
            "{'urls':[],'groups':[],'tables':[],'prefix':'','all':true,'soft':false}",
            new PurgeOrder(none, none, none, null, true, false, SOON)),
        Arguments.of(
            "{'prefix':null,'all':true}",
            new PurgeOrder(none, none, none, null, true, false, SOON)),
        Arguments.of(
            "{'urls':['http://a.example/x'],'groups':['g'],'prefix':'http://b.example/',"
                + "'all':true,'soft':true}",
            new PurgeOrder(url, List.of("g"), none, "http://b.example/", true, true, SOON)));
  }

  @ParameterizedTest
  @MethodSource("orders")
  void carriesOutEveryFormOfOrder(String json, PurgeOrder order) {
    Desk.Reply reply = desk.post("/purge", json.replace('\'', '"'));
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    assertThat(reply.field("Content-Type")).isEqualTo("application/json");
    assertThat(reply.json().path("purged").asInt()).isEqualTo(1);
    assertThat(desk.orders).containsExactly(order);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {"url":["http://a.example/"]}               | 'url' is not a key; known: urls, groups
          {"all":true,"Soft":true}                    | 'Soft' is not a key
          {"all":true,"":1}                           | '' is not a key
          {"urls":"http://a.example/"}                | urls: write a list of strings
          {"urls":null}                               | urls: write a list of strings
          {"urls":{}}                                 | urls: write a list of strings
          {"urls":[1]}                                | urls: write a list of strings
          {"urls":["http://a.example/",null]}         | urls: write a list of strings
          {"urls":[["http://a.example/"]]}            | urls: write a list of strings
          {"groups":"products"}                       | groups: write a list of strings
          {"groups":[true]}                           | groups: write a list of strings
          {"tables":"products"}                       | tables: write a list of strings
          {"all":1}                                   | all: write true or false
          {"all":"true"}                              | all: write true or false
          {"all":null}                                | all: write true or false
          {"all":true,"soft":"no"}                    | soft: write true or false
          {"all":true,"wait":"1m"}                    | wait: write a number of whole seconds
          {"all":true,"wait":1.5}                     | wait: write a number of whole seconds
          {"all":true,"wait":null}                    | wait: write a number of whole seconds
          {"all":true,"wait":99999999999}             | wait: write a number of whole seconds
          {"all":true,"wait":-1}                      | wait: write 0 to 600
          {"all":true,"wait":601}                     | wait: write 0 to 600
          {"all":true,"prefix":1}                     | prefix: write a string
          {"all":true,"prefix":true}                  | prefix: write a string
          {"all":true,"prefix":{}}                    | prefix: write a string
          {"all":true,"prefix":["http://a.example/"]} | prefix: write a string
          {"urls":["/x"]}                             | urls: '/x' is not absolute
          {"urls":["//a.example/x"]}                  | is not absolute
          {"urls":["a.example/x"]}                    | is not absolute
          {"urls":["ftp://a.example/x"]}              | is not absolute
          {"urls":["http:/x"]}                        | is not absolute
          {"urls":["http:"]}                          | is not absolute
          {"urls":[""]}                               | is not absolute
          {"urls":["http://a.example/a b"]}           | is not absolute
          {"urls":["http://a.example/\\u0000"]}       | is not absolute
          {"urls":["http://a.example/ü"]}             | is not absolute
          {"urls":["http://a^b.example/"]}            | is not absolute
          {"urls":["http://a.example/","x"]}          | urls: 'x' is not absolute
          {"prefix":"/static/"}                       | prefix: '/static/' is not absolute
          {}                                          | nothing to purge
          {"soft":true}                               | nothing to purge
          {"all":false}                               | nothing to purge
          {"urls":[],"groups":[],"prefix":""}         | nothing to purge
          []                                          | send an object
          "all"                                       | send an object
          true                                        | send an object
          null                                        | send an object
          {"all":true                                 | not JSON
          {'all':true}                                | not JSON
          {"all":true,}                               | not JSON
          {"all":true} {"all":true}                   | not JSON
          {"all":true}]                               | not JSON
          {"all":true} x                              | not JSON
          {"groups":["a"],"groups":["b"]}             | not JSON
          all                                         | not JSON
          """)
  void refusesWhatItCanNotCarryOutExactly(String json, String reason) {
    Desk.Reply reply = desk.post("/purge", json);
    assertThat(reply.status()).as(reply.text()).isEqualTo(400);
    assertThat(reply.error()).contains(reason);
    assertThat(desk.orders).isEmpty();
  }

  @Test
  void refusesNothingAtAll() {
    assertThat(desk.post("/purge", "").status()).isEqualTo(400);
    assertThat(desk.post("/purge", "   ").status()).isEqualTo(400);
  }

  /// Octets that are no text, or text in another encoding than they seem to be.
  @ParameterizedTest
  @ValueSource(
      strings = {"22ff22", "7b22c0ae223a317d", "000000", "0000007b7fffffff", "fffe0000ffffff7f"})
  void refusesWhatIsNotText(String hex) {
    byte[] content = HexFormat.of().parseHex(hex);
    Desk.Reply reply = desk.post("/purge", content);
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.error()).contains("not JSON");
  }

  @Test
  void refusesWhatIsNestedWithoutEnd() {
    Desk.Reply reply = desk.post("/purge", "{\"urls\":" + "[".repeat(100_000));
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.error()).contains("not JSON");
  }

  @Test
  void takesAMegabyteAndNotAnOctetMore() {
    String padding = " ".repeat(LIMIT - "{\"all\":true}".length());
    assertThat(desk.post("/purge", "{\"all\":true" + padding + "}").status()).isEqualTo(200);
    assertThat(desk.orders).hasSize(1);
    Desk.Reply reply = desk.post("/purge", "{\"all\":true" + padding + " }");
    assertThat(reply.status()).isEqualTo(413);
    assertThat(reply.error()).contains("1 MB");
    assertThat(desk.orders).hasSize(1);
  }

  @Test
  void theLimitHoldsForChunksToo() {
    String chunk = "10000\r\n" + " ".repeat(0x10000) + "\r\n";
    try (RawClient client = desk.client()) {
      client.send(
          "POST /purge HTTP/1.1\r\n"
              + desk.host()
              + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
              + chunk.repeat(16)
              + "c\r\n{\"all\":true}\r\n0\r\n\r\n");
      assertThat(client.response("POST").status()).isEqualTo(413);
    }
    assertThat(desk.orders).isEmpty();
  }

  @Test
  void aLongOrderIsOneOrder() {
    String urls =
        String.join(",", Stream.generate(() -> "\"http://a.example/x\"").limit(20_000).toList());
    byte[] content = ("{\"urls\":[" + urls + "]}").getBytes(StandardCharsets.UTF_8);
    assertThat(desk.post("/purge", content).status()).isEqualTo(200);
    assertThat(desk.orders).singleElement().satisfies(o -> assertThat(o.urls()).hasSize(20_000));
  }
}
