package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.edge.RawHttp2.Answer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Malformed HTTP/2 (RFC 9113, sections 4 to 8) never reaches the origin; what it costs is its
/// stream or its connection, and nobody else's.
@Timeout(60)
class Http2RefusalTest {
  private final Shopfront shop = new Shopfront();

  @BeforeEach
  void open() {
    shop.page("/a", "a", "Cache-Control: no-store").page("/up", "taken");
  }

  @AfterEach
  void close() {
    shop.close();
  }

  private RawHttp2 client() {
    return RawHttp2.to(shop.edge.addresses().getFirst().port());
  }

  /// Fields as `name=value`, separated by commas; `~` stands for CR LF, `\0` for NUL.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          an upper-case name            | :method=GET,:scheme=http,:authority=a,:path=/a,X-A=b
          Connection                    | :method=GET,:scheme=http,:authority=a,:path=/a,connection=close
          Transfer-Encoding             | :method=GET,:scheme=http,:authority=a,:path=/a,transfer-encoding=chunked
          Keep-Alive                    | :method=GET,:scheme=http,:authority=a,:path=/a,keep-alive=5
          Proxy-Connection              | :method=GET,:scheme=http,:authority=a,:path=/a,proxy-connection=close
          Upgrade                       | :method=GET,:scheme=http,:authority=a,:path=/a,upgrade=websocket
          TE other than trailers        | :method=GET,:scheme=http,:authority=a,:path=/a,te=gzip
          no method                     | :scheme=http,:authority=a,:path=/a
          an empty method               | :method=,:scheme=http,:authority=a,:path=/a
          a request line as method      | :method=GET /a HTTP/1.1~X:,:scheme=http,:authority=a,:path=/a
          no scheme                     | :method=GET,:authority=a,:path=/a
          no path                       | :method=GET,:scheme=http,:authority=a
          an empty path                 | :method=GET,:scheme=http,:authority=a,:path=
          two paths                     | :method=GET,:scheme=http,:authority=a,:path=/a,:path=/b
          two methods                   | :method=GET,:method=PUT,:scheme=http,:authority=a,:path=/a
          two authorities               | :method=GET,:scheme=http,:authority=a,:authority=b,:path=/a
          a path that is none           | :method=GET,:scheme=http,:authority=a,:path=a
          a path with a space           | :method=GET,:scheme=http,:authority=a,:path=/a HTTP/1.1
          a path with a line end        | :method=GET,:scheme=http,:authority=a,:path=/a~X: y
          a path with a fragment        | :method=GET,:scheme=http,:authority=a,:path=/a#b
          a status                      | :status=200,:method=GET,:scheme=http,:authority=a,:path=/a
          an unknown pseudo field       | :method=GET,:scheme=http,:authority=a,:path=/a,:shop=b
          a protocol without CONNECT    | :method=GET,:scheme=http,:authority=a,:path=/a,:protocol=websocket
          a pseudo field behind others  | :method=GET,:scheme=http,:authority=a,x=y,:path=/a
          credentials in the authority  | :method=GET,:scheme=http,:authority=me@a,:path=/a
          an authority with a path      | :method=GET,:scheme=http,:authority=a/b,:path=/a
          no authority                  | :method=GET,:scheme=http,:path=/a
          a Host that says otherwise    | :method=GET,:scheme=http,:authority=a,:path=/a,host=b
          two hosts                     | :method=GET,:scheme=http,:path=/a,host=a,host=b
          a line end in a value         | :method=GET,:scheme=http,:authority=a,:path=/a,x=a~Y: b
          a NUL in a value              | :method=GET,:scheme=http,:authority=a,:path=/a,x=a\\0b
          a space in a name             | :method=GET,:scheme=http,:authority=a,:path=/a,x y=b
          a colon in a name             | :method=GET,:scheme=http,:authority=a,:path=/a,x:y=b
          a line end in a name          | :method=GET,:scheme=http,:authority=a,:path=/a,x~y=b
          an empty name                 | :method=GET,:scheme=http,:authority=a,:path=/a,=b
          a length that is no number    | :method=GET,:scheme=http,:authority=a,:path=/a,content-length=x
          a length with a sign          | :method=GET,:scheme=http,:authority=a,:path=/a,content-length=+0
          two equal hosts               | :method=GET,:scheme=http,:authority=a,:path=/a,host=a,host=a
          a scheme that is not HTTP     | :method=GET,:scheme=ftp,:authority=a,:path=/a
          two lengths                   | :method=GET,:scheme=http,:authority=a,:path=/a,content-length=0,content-length=1
          a length without content      | :method=GET,:scheme=http,:authority=a,:path=/a,content-length=5
          a tunnel                      | :method=CONNECT,:authority=a:443
          a trace                       | :method=TRACE,:scheme=http,:authority=a,:path=/a
          """)
  void refusesMalformedRequestsWithoutAskingTheOrigin(String what, String fields) {
    try (RawHttp2 client = client()) {
      int both = RawHttp2.END_STREAM | RawHttp2.END_HEADERS;
      client.send(RawHttp2.HEADERS, both, 1, RawHttp2.block(pairs(fields)));
      Answer answer = client.answer(1);
      boolean isRefused = answer.reset > 0 || answer.status == 400 || answer.status == 405;
      assertThat(isRefused)
          .as(what + ": status " + answer.status + ", reset " + answer.reset)
          .isTrue();
      assertThat(shop.origin.heads()).isEmpty();
      // Whoever else is on the connection, as behind another proxy, goes on (RFC 9113, 8.1.1).
      assertThat(client.get(3, "/a").answer(3).text()).as(what).isEqualTo("a");
    }
    assertThat(shop.get("/a").text()).isEqualTo("a");
  }

  /// Names and values in turn.
  private static String[] pairs(String fields) {
    List<String> out = new ArrayList<>();
    for (String field : fields.strip().split(",", -1)) {
      int at = field.indexOf('=');
      out.add(field.substring(0, at));
      out.add(field.substring(at + 1));
    }
    out.replaceAll(text -> text.replace("~", "\r\n").replace("\\0", "\0"));
    return out.toArray(String[]::new);
  }

  @Test
  void refusesContentThatIsNotAsLongAsAnnounced() {
    try (RawHttp2 client = client()) {
      client.post(1, "/up", "content-length", "5").data(1, "hell", true);
      client.post(3, "/up", "content-length", "5").data(3, "hello!", true);
      client.post(5, "/up", "content-length", "5").data(5, "hel", false).data(5, "lo!", false);
      byte[] trailers = RawHttp2.block("x", "y");
      int both = RawHttp2.END_STREAM | RawHttp2.END_HEADERS;
      client.post(7, "/up", "content-length", "5").data(7, "hell", false);
      client.send(RawHttp2.HEADERS, both, 7, trailers);
      for (int stream = 1; stream <= 7; stream += 2) {
        Answer answer = client.answer(stream);
        assertThat(answer.reset > 0 || answer.status == 400).as("stream " + stream).isTrue();
      }
      client.post(9, "/up", "content-length", "5").data(9, "hello", true);
      assertThat(client.answer(9).text()).isEqualTo("taken");
    }
    assertThat(shop.get("/a").text()).isEqualTo("a");
  }

  @Test
  void refusesTrailersThatAreNone() {
    int both = RawHttp2.END_STREAM | RawHttp2.END_HEADERS;
    List<byte[]> blocks =
        List.of(
            RawHttp2.block(":path", "/b"),
            RawHttp2.block(":status", "200"),
            RawHttp2.block("X-Upper", "y"),
            RawHttp2.block("transfer-encoding", "chunked"),
            RawHttp2.block("x", "a\r\nHost: evil"));
    for (byte[] block : blocks) {
      try (RawHttp2 client = client()) {
        client.post(1, "/up").data(1, "hello", false).send(RawHttp2.HEADERS, both, 1, block);
        Answer answer = client.answer(1);
        assertThat(answer.reset > 0 || answer.status == 400 || client.goneAt() != null)
            .as(new String(block, java.nio.charset.StandardCharsets.ISO_8859_1))
            .isTrue();
      }
    }
    try (RawHttp2 client = client()) {
      // A second head that does not end the request is none either.
      client.post(1, "/up").data(1, "hello", false);
      client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, RawHttp2.block("x", "y"));
      Answer answer = client.answer(1);
      assertThat(answer.reset > 0 || answer.status == 400 || client.goneAt() != null).isTrue();
    }
    assertThat(shop.get("/a").text()).isEqualTo("a");
  }

  /// Frames as hexadecimal: length, type, flags, stream, payload.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          DATA on the connection            | 000001 00 00 00000000 61
          DATA on a stream never opened     | 000001 00 00 00000001 61
          HEADERS on the connection         | 000001 01 05 00000000 82
          HEADERS on a server's stream      | 000001 01 05 00000002 82
          HEADERS with too much padding     | 000002 01 0d 00000001 ff82
          HEADERS that no table knows       | 000001 01 05 00000001 ff
          HEADERS with a broken literal     | 000003 01 05 00000001 00ff61
          RST_STREAM on the connection      | 000004 03 00 00000000 00000008
          RST_STREAM of a stream never open | 000004 03 00 00000001 00000008
          RST_STREAM of the wrong size      | 000003 03 00 00000001 000008
          SETTINGS on a stream              | 000000 04 00 00000001
          SETTINGS of the wrong size        | 000005 04 00 00000000 0000000000
          SETTINGS acknowledged with more   | 000006 04 01 00000000 000300000001
          SETTINGS with a frame too small   | 000006 04 00 00000000 000500000001
          SETTINGS with a window too large  | 000006 04 00 00000000 000480000000
          SETTINGS with a push that is none | 000006 04 00 00000000 000200000002
          PUSH_PROMISE from a client        | 000005 05 04 00000001 0000000282
          PING on a stream                  | 000008 06 00 00000001 0000000000000000
          PING of the wrong size            | 000007 06 00 00000000 00000000000000
          GOAWAY on a stream                | 000008 07 00 00000001 0000000000000000
          WINDOW_UPDATE of nothing          | 000004 08 00 00000000 00000000
          WINDOW_UPDATE beyond the largest  | 000004 08 00 00000000 7fffffff
          WINDOW_UPDATE of the wrong size   | 000003 08 00 00000000 000001
          CONTINUATION of nothing           | 000001 09 04 00000001 82
          a frame beyond the largest        | 004001 00 00 00000001
          """)
  void endsConnectionsWithFramesThatCantBe(String what, String frame) {
    try (RawHttp2 client = client()) {
      client.octets(HexFormat.of().parseHex(frame.replace(" ", "")));
      int error = client.awaitEnd();
      assertThat(error).as(what).isPositive();
    }
    assertThat(shop.origin.heads()).isEmpty();
    assertThat(shop.get("/a").text()).isEqualTo("a");
  }

  @Test
  void endsConnectionsThatBreakAHeadInTwo() {
    try (RawHttp2 client = client()) {
      client.send(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, RawHttp2.request("GET", "/a"));
      client.get(3, "/a");
      assertThat(client.awaitEnd()).isEqualTo(RawHttp2.PROTOCOL_ERROR);
    }
    assertThat(shop.origin.heads()).isEmpty();
  }

  @Test
  void takesNothingOnAStreamThatIsOver() {
    try (RawHttp2 client = client()) {
      client.get(1, "/a").answer(1);
      client.data(1, "more", true);
      client.get(3, "/a");
      Answer later = client.answer(3);
      assertThat(later.text().equals("a") || client.goneAt() != null).isTrue();
    }
    try (RawHttp2 client = client()) {
      client.get(5, "/a").answer(5);
      // To open a stream is to close all that come before it (RFC 9113, section 5.1.1).
      client.get(3, "/a").get(7, "/a");
      Answer later = client.answer(7);
      assertThat(later.text().equals("a") || client.goneAt() != null).isTrue();
      assertThat(client.of(3).status).isZero();
    }
    assertThat(shop.get("/a").text()).isEqualTo("a");
  }

  @Test
  void ignoresFramesOfUnknownKinds() {
    try (RawHttp2 client = client()) {
      client.send(0xbe, 0xff, 0, new byte[100]).send(0xbf, 0, 77, new byte[0]);
      assertThat(client.get(1, "/a").answer(1).text()).isEqualTo("a");
    }
  }
}
