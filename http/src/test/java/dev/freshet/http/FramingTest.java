package dev.freshet.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.freshet.base.Rolls;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// How long content is (RFC 9112, section 6.3). In the tables `;` parts the lines of a field, `TE`
/// and `CL` are Transfer-Encoding and Content-Length, and `_` is a field without a value.
class FramingTest {
  private static Fields fields(@Nullable String lines) {
    Fields out = Fields.of("Host", "a");
    for (String line : lines == null ? new String[0] : lines.split(";", -1)) {
      String[] parts = line.strip().split(" ", 2);
      FieldName name =
          parts[0].equals("TE") ? FieldName.TRANSFER_ENCODING : FieldName.CONTENT_LENGTH;
      out.add(name, parts[1].equals("_") ? "" : parts[1]);
    }
    return out;
  }

  private static HeadReader.Refused refusal(@Nullable String lines, Version version) {
    return catchThrowableOfType(
        HeadReader.Refused.class, () -> Framing.ofRequest(fields(lines), version));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
                                  |  0
          CL 0                    |  0
          CL 5                    |  5
          CL 0005                 |  5
          CL 999999999999999999   |  999999999999999999
          TE chunked              | -1
          TE Chunked              | -1
          TE CHUNKED              | -1
          """)
  void tellsTheLengthOfARequest(@Nullable String lines, long length) throws HeadReader.Refused {
    assertThat(Framing.ofRequest(fields(lines), Version.HTTP_1_1)).isEqualTo(length);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          400 | TE chunked; CL 5
          400 | CL 5; TE chunked
          400 | CL 0; TE chunked
          400 | TE gzip; CL 5
          400 | CL 5; CL 5
          400 | CL 5; CL 6
          400 | CL 5; CL _
          400 | CL 5, 5
          400 | CL 5, 6
          400 | CL 5,
          400 | CL _
          400 | CL +5
          400 | CL -5
          400 | CL -0
          400 | CL 5.0
          400 | CL 5e1
          400 | CL 0x5
          400 | CL 5 5
          400 | CL five
          400 | CL `5`
          400 | CL \u0665
          400 | CL 1000000000000000000
          400 | CL 9223372036854775808
          400 | CL 18446744073709551621
          400 | CL 0000000000000000000000005
          501 | TE gzip, chunked
          501 | TE gzip; TE chunked
          501 | TE chunked, chunked
          501 | TE chunked; TE chunked
          501 | TE _; TE chunked
          501 | TE chunked,
          """)
  void refusesRequestsWhoseLengthIsInDoubt(int status, String lines) {
    assertThat(refusal(lines, Version.HTTP_1_1).status()).isEqualTo(status);
  }

  /// A server must answer 400 to these (RFC 9112, section 6.3, item 4), known coding or not.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "TE gzip",
        "TE identity",
        "TE xchunked",
        "TE chunkedx",
        "TE \"chunked\"",
        "TE chunked q=1",
        "TE chunked, identity",
        "TE chunked, gzip",
        "TE chunked; TE identity",
        "TE chunked; TE _",
        "TE _",
        "TE ,"
      })
  void refusesRequestsWhoseLastCodingIsNotChunked(String lines) {
    assertThat(refusal(lines, Version.HTTP_1_1).status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TE chunked", "TE gzip, chunked", "TE chunked; CL 5"})
  void refusesTransferCodingsInHttp10(String lines) {
    assertThat(refusal(lines, Version.HTTP_1_0).status()).isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GET  | 200 | CL 5          |  5
          GET  | 200 | CL 5; CL 5    |  5
          GET  | 200 | CL 0          |  0
          GET  | 200 |               | -2
          GET  | 200 | TE chunked    | -1
          GET  | 206 | TE CHUNKED    | -1
          GET  | 200 | TE identity   | -2
          GET  | 200 | TE Identity   | -2
          GET  | 200 | TE x-own      | -2
          GET  | 205 |               | -2
          GET  | 404 |               | -2
          POST | 201 |               | -2
          HEAD | 200 | CL 5          |  0
          HEAD | 200 | TE chunked    |  0
          HEAD | 404 |               |  0
          GET  | 204 |               |  0
          GET  | 204 | TE chunked    |  0
          GET  | 304 | CL 5          |  0
          GET  | 304 | TE chunked    |  0
          GET  | 100 |               |  0
          GET  | 103 | CL 5          |  0
          head | 200 | CL 5          |  5
          """)
  void tellsTheLengthOfAResponse(String method, int status, @Nullable String lines, long length)
      throws HeadReader.Refused {
    assertThat(Framing.ofResponse(fields(lines), status, method)).isEqualTo(length);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CL 5; CL 6",
        "CL 5, 5",
        "CL 5; CL 5, 5",
        "CL _",
        "CL -1",
        "CL 0x5",
        "CL 1000000000000000000",
        "TE gzip",
        "TE X-Gzip",
        "TE deflate",
        "TE gzip, chunked",
        "TE chunked, gzip",
        "TE identity, chunked",
        "TE identity; TE chunked",
        "TE identity; CL 5",
        "TE xchunked",
        "TE chunk",
        "TE x own",
        "TE chunked; TE chunked",
        "TE _",
        "TE chunked; CL 5"
      })
  void refusesResponsesWhoseLengthIsInDoubt(String lines) {
    HeadReader.Refused refused =
        catchThrowableOfType(
            HeadReader.Refused.class, () -> Framing.ofResponse(fields(lines), 200, "GET"));
    assertThat(refused.status()).isEqualTo(502);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void neverTakesALengthThatAnotherLineContradicts(long base) {
    Rolls rolls = new Rolls(Long.getLong("seed", base));
    List<String> values = List.of("5", "5", "6", "05", "", "5, 5", "-5", "99999999999999999999");
    List<String> codings = List.of("chunked", "chunked", "gzip", "Chunked", "chunked, gzip", "");
    for (int i = 0; i < 20_000; i++) {
      List<String> lengths = new ArrayList<>();
      List<String> encodings = new ArrayList<>();
      Fields fields = new Fields();
      int lines = rolls.between(0, 3);
      for (int line = 0; line < lines; line++) {
        if (rolls.chance(0.6)) {
          lengths.add(rolls.oneOf(values));
          fields.add(FieldName.CONTENT_LENGTH, lengths.getLast());
        } else {
          encodings.add(rolls.oneOf(codings));
          fields.add(FieldName.TRANSFER_ENCODING, encodings.getLast());
        }
      }
      assertThat(ofRequest(fields))
          .as("seed %d, case %d, %s", rolls.seed(), i, fields)
          .isEqualTo(due(lengths, encodings));
    }
  }

  private static @Nullable Long ofRequest(Fields fields) {
    try {
      return Framing.ofRequest(fields, Version.HTTP_1_1);
    } catch (HeadReader.Refused e) {
      return null;
    }
  }

  /// One sound length and nothing else, or one `chunked` and nothing else, or neither.
  private static @Nullable Long due(List<String> lengths, List<String> encodings) {
    if (lengths.isEmpty() && encodings.isEmpty()) {
      return 0L;
    }
    if (lengths.size() + encodings.size() > 1) {
      return null;
    }
    if (encodings.isEmpty()) {
      return lengths.getFirst().matches("[0-9]{1,18}") ? Long.valueOf(lengths.getFirst()) : null;
    }
    return encodings.getFirst().equalsIgnoreCase("chunked") ? Framing.CHUNKED : null;
  }
}
