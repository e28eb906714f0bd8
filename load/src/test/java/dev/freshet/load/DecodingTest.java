package dev.freshet.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.BrotliOutputStream;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecodingTest {
  private static final byte[] TEXT = "a page, a page".repeat(100).getBytes(StandardCharsets.UTF_8);

  private static byte[] coded(String coding) throws IOException {
    Brotli4jLoader.ensureAvailability();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream coder =
        switch (coding) {
          case "gzip" -> new GZIPOutputStream(out);
          case "deflate" -> new DeflaterOutputStream(out);
          case "br" -> new BrotliOutputStream(out);
          default -> new ZstdOutputStream(out);
        }) {
      coder.write(TEXT);
    }
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate", "br", "zstd"})
  void whatIsAskedForCanBeRead(String coding) throws IOException {
    byte[] coded = coded(coding);
    assertThat(Decoding.ACCEPTED).contains(coding);
    assertThat(Decoding.of(coded, coding, 1 << 20)).isEqualTo(TEXT);
    assertThat(Decoding.of(coded, coding, 10)).hasSize(10);
  }

  @Test
  void whatIsBrokenOrWasNotAskedForIsNothing() {
    assertThat(Decoding.of(TEXT, "gzip", 100)).isEmpty();
    assertThat(Decoding.of(TEXT, "compress", 100)).isEmpty();
    assertThat(Decoding.of(TEXT, "", TEXT.length)).isEqualTo(TEXT);
  }
}
