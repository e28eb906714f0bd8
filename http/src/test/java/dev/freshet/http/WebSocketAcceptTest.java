package dev.freshet.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WebSocketAcceptTest {
  /// The example in section 1.3 of RFC 6455.
  @Test
  void answersTheKeyOfTheRfcsExample() {
    assertThat(WebSocketAccept.of("dGhlIHNhbXBsZSBub25jZQ=="))
        .isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  }
}
