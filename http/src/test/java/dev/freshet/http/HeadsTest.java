package dev.freshet.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The parts of heads.
class HeadsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          /       | /   | ``
          /a?     | /a  | ``
          /a?b=c  | /a  | b=c
          /a?b?c  | /a  | b?c
          /?/     | /   | /
          *       | *   | ``
          ``      | ``  | ``
          """)
  void partsTheTargetAtTheFirstQuestionMark(String target, String path, String query) {
    RequestHead head = new RequestHead("GET", "http", "a", target, new Fields(), Version.HTTP_1_1);
    assertThat(head.path()).isEqualTo(path);
    assertThat(head.query()).isEqualTo(query);
    RequestHead other = head.withFields(Fields.of("A", "1"));
    assertThat(other.fields()).isEqualTo(Fields.of("A", "1"));
    assertThat(other.withFields(new Fields())).isEqualTo(head);
  }

  @ParameterizedTest
  @CsvSource({"100, true", "103, true", "199, true", "200, false", "599, false"})
  void tellsInterimResponses(int status, boolean isInterim) {
    assertThat(new ResponseHead(status, new Fields()).isInterim()).isEqualTo(isInterim);
  }
}
