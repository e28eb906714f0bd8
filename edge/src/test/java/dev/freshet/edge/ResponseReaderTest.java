package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import dev.freshet.edge.UpstreamFailure.Kind;
import dev.freshet.http.Fields;
import dev.freshet.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ResponseReaderTest {

  /// Writes down what it hears, content joined.
  private static final class Notes implements ResponseReader.Sink {
    private final StringBuilder said = new StringBuilder();
    private boolean inContent;
    private int ends;

    private void say(String what) {
      said.append(inContent ? "]" : "").append(what).append('\n');
      inContent = false;
    }

    @Override
    public void interim(ResponseHead head) {
      say("interim " + head.status());
    }

    @Override
    public void head(ResponseHead head, long length) {
      say("head " + head.status() + " " + length + " " + head.fields().size());
    }

    @Override
    public void content(ByteBuf data) {
      said.append(inContent ? "" : "[").append(data.toString(StandardCharsets.ISO_8859_1));
      inContent = true;
      data.release();
    }

    @Override
    public void end(Fields trailers, boolean reusable) {
      ends++;
      say("end " + trailers.size() + " " + reusable);
    }

    @Override
    public void broken(Kind kind, String what, boolean began) {
      ends++;
      say("broken " + kind);
    }
  }

  private static Notes read(String method, List<String> pieces) {
    Notes notes = new Notes();
    ResponseReader reader = new ResponseReader(notes, 64, new byte[4_096]);
    reader.begin(method, null);
    List<ByteBuf> buffers = new ArrayList<>();
    for (String piece : pieces) {
      ByteBuf buffer = Unpooled.copiedBuffer(piece, StandardCharsets.ISO_8859_1);
      buffers.add(buffer);
      reader.read(buffer);
    }
    reader.ended(true);
    assertThat(buffers).allSatisfy(b -> assertThat(b.refCnt()).isZero());
    return notes;
  }

  private static List<String> cut(Rolls rolls, String text) {
    List<String> out = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int n = Math.min(text.length() - at, rolls.between(1, rolls.chance(0.5) ? 3 : 400));
      out.add(text.substring(at, at + n));
      at += n;
    }
    return out;
  }

  private static String response(Rolls rolls) {
    StringBuilder out = new StringBuilder();
    while (rolls.chance(0.2)) {
      out.append("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
    }
    out.append(rolls.chance(0.8) ? "HTTP/1.1 " : "HTTP/1.0 ");
    out.append(
        rolls.oneOf(List.of("200 OK", "404 Not Found", "204", "304 \r\nETag: \"a\"", "500 ")));
    out.append("\r\nX-A: ").append(rolls.text(rolls.between(0, 50), " ,;=")).append("\r\n");
    String content = rolls.text(rolls.between(0, 900), "\r\n");
    switch (rolls.between(0, 2)) {
      case 0 -> out.append("Content-Length: " + content.length() + "\r\n\r\n" + content);
      case 1 -> {
        out.append("Transfer-Encoding: chunked\r\n\r\n");
        int at = 0;
        while (at < content.length()) {
          int n = Math.min(content.length() - at, rolls.between(1, 300));
          out.append(Integer.toHexString(n)).append(rolls.chance(0.2) ? ";x=y" : "").append("\r\n");
          out.append(content, at, at + n).append("\r\n");
          at += n;
        }
        out.append("0\r\n").append(rolls.chance(0.5) ? "X-Sum: 1\r\n" : "").append("\r\n");
      }
      default -> out.append("\r\n").append(content);
    }
    return out.toString();
  }

  @Test
  void readsTheSameHoweverTheOctetsAreCut() {
    for (long seed = 0; seed < 3_000; seed++) {
      Rolls rolls = new Rolls(seed);
      String response = response(rolls);
      String method = rolls.chance(0.1) ? "HEAD" : "GET";
      String whole = read(method, List.of(response)).said.toString();
      // Whether something came behind a response may be seen later; then the connection sees it.
      String cut = read(method, cut(rolls, response)).said.toString();
      assertThat(cut.replace("true", "false"))
          .as("seed %d: %s", seed, response)
          .isEqualTo(whole.replace("true", "false"));
    }
  }

  @Test
  void endsExactlyOnceWhateverComes() {
    for (long seed = 0; seed < 5_000; seed++) {
      Rolls rolls = new Rolls(seed);
      StringBuilder response = new StringBuilder(response(rolls));
      for (int i = rolls.between(1, 4); i > 0; i--) {
        int at = rolls.between(0, response.length() - 1);
        switch (rolls.between(0, 2)) {
          case 0 -> response.setCharAt(at, (char) rolls.between(0, 255));
          case 1 -> response.deleteCharAt(at);
          default -> response.insert(at, rolls.oneOf(List.of("\r\n", " ", "\n", ":", "0")));
        }
      }
      Notes notes = read("GET", cut(rolls, response.toString()));
      assertThat(notes.ends).as("seed %d: %s", seed, response).isEqualTo(1);
    }
  }

  @Test
  void neverCallsAnAnswerCompleteThatWasCutShort() {
    for (long seed = 0; seed < 2_000; seed++) {
      Rolls rolls = new Rolls(seed);
      String response = response(rolls);
      boolean isFramed =
          read("GET", List.of(response)).said.toString().contains("end")
              && (response.contains("Content-Length") || response.contains("chunked"));
      boolean hasContent = !response.contains("204") && !response.contains("304");
      if (isFramed && hasContent) {
        String cut = response.substring(0, rolls.between(0, response.length() - 1));
        assertThat(read("GET", cut(rolls, cut)).said)
            .as("seed %d: %s", seed, cut)
            .doesNotContain("end ");
      }
    }
  }
}
