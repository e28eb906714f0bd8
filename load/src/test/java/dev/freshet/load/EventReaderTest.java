package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.Rolls;
import dev.freshet.http.FieldName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventReaderTest {
  private static final int MOST = 200;

  private static String told(Reply event) {
    String id = event.fields().combined(FieldName.of("id"));
    return event.fields().combined(FieldName.of("event"))
        + "|"
        + (id == null ? "" : id)
        + "|"
        + event.text();
  }

  private static List<String> read(byte[] octets, List<Integer> cuts) throws EventReader.TooLarge {
    List<String> out = new ArrayList<>();
    EventReader reader = new EventReader(MOST);
    int from = 0;
    for (int cut : cuts) {
      reader.read(octets, from, cut, event -> out.add(told(event)));
      from = cut;
    }
    reader.read(octets, from, octets.length, event -> out.add(told(event)));
    return out;
  }

  @Test
  void aStreamSaysTheSameWhereverItIsCut() throws EventReader.TooLarge {
    String stream =
        "\ufeff: hello\n"
            + "retry: 1000\n\n"
            + "data: first\n\n"
            + "event: change\r\nid: 7\r\ndata: ü1\r\ndata:two\r\n\r\n"
            + "data\rdata:  spaced\r\r"
            + "id: a\0b\nevent: nothing\n\n"
            + "other: x\ndata: {\"a\":1}\n\n"
            + "id\ndata: no id any longer\n\n"
            + "data: never ended";
    byte[] octets = stream.getBytes(StandardCharsets.UTF_8);
    List<String> events =
        List.of(
            "message||first",
            "change|7|ü1\ntwo",
            "message|7|\n spaced",
            "message|7|{\"a\":1}",
            "message||no id any longer");
    for (int cut = 0; cut <= octets.length; cut++) {
      assertThat(read(octets, List.of(cut))).as("cut at %s", cut).isEqualTo(events);
    }
    List<Integer> everywhere = new ArrayList<>();
    for (int cut = 0; cut <= octets.length; cut++) {
      everywhere.add(cut);
    }
    assertThat(read(octets, everywhere)).isEqualTo(events);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whatWasWrittenIsRead(long seed) throws EventReader.TooLarge {
    Rolls rolls = new Rolls(seed);
    for (int i = 0; i < 300; i++) {
      StringBuilder stream = new StringBuilder();
      List<String> events = new ArrayList<>();
      String id = "";
      for (int n = rolls.between(0, 5); n > 0; n--) {
        String end = rolls.oneOf(List.of("\n", "\r\n", "\r"));
        String name = rolls.chance(0.5) ? "e" + rolls.between(0, 9) : "";
        List<String> lines = new ArrayList<>();
        for (int k = rolls.between(1, 3); k > 0; k--) {
          lines.add(rolls.text(rolls.between(0, 8), "é:€").replaceAll("[\r\n]", "").strip());
        }
        if (rolls.chance(0.3)) {
          id = Integer.toString(rolls.between(1, 99));
          stream.append("id: ").append(id).append(end);
        }
        if (!name.isEmpty()) {
          stream.append("event:").append(name).append(end);
        }
        if (rolls.chance(0.3)) {
          stream.append(": a comment").append(end);
        }
        lines.forEach(line -> stream.append("data: ").append(line).append(end));
        stream.append(end);
        events.add((name.isEmpty() ? "message" : name) + "|" + id + "|" + String.join("\n", lines));
      }
      byte[] octets = stream.toString().getBytes(StandardCharsets.UTF_8);
      List<Integer> cuts = new ArrayList<>();
      for (int at = 0; at < octets.length; at += rolls.between(1, 9)) {
        cuts.add(at);
      }
      assertThat(read(octets, cuts)).as("seed %s, case %s", seed, i).isEqualTo(events);
    }
  }

  @Test
  void anEventMayNotBeLargerThanIsAllowed() {
    byte[] oneLine = ("data: " + "x".repeat(MOST)).getBytes(StandardCharsets.UTF_8);
    byte[] many = "data: 12345\n".repeat(MOST / 4).getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> read(oneLine, List.of())).isInstanceOf(EventReader.TooLarge.class);
    assertThatThrownBy(() -> read(many, List.of())).isInstanceOf(EventReader.TooLarge.class);
  }
}
