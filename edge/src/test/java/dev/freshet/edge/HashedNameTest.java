package dev.freshet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Rolls;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HashedNameTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/static/css/main.8f5a2c1e.css",
        "/static/js/main.3fa85f64.chunk.js",
        "/assets/index-B3xKa9Qd.js",
        "/assets/index-B3-Ka9Qd.js",
        "/_next/static/chunks/main-4f5c1d2e3a4b5c6d.js",
        "/out/app-K7QW2ZRA.css",
        "/fonts/inter.7af8c2f1e7ad.woff2",
      })
  void namesOfBuildToolsAreBelieved(String path) {
    assertThat(HashedName.isLikely(path)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/app.css",
        "/jquery-3.7.1.min.js",
        "/report-20261127.css",
        "/site-Version1.js",
        "/site-JavaScript2.js",
        "/theme-deadbeef.css",
        "/facade-facade01.css",
        "/bootstrap.bundle.min.js",
        "/app-production.css",
        "/a/3fa85f64-5717-4562-b3fc-2c963f66afa6.css",
        "/8f5a2c1e/main.css",
        "/main.css",
        "/",
      })
  void whatPeopleWriteIsNot(String path) {
    assertThat(HashedName.isLikely(path)).isFalse();
  }

  @Test
  void aDigestOfTheContentProvesItWhereverItStands() throws NoSuchAlgorithmException {
    Rolls rolls = new Rolls(System.nanoTime());
    for (String algorithm : new String[] {"MD5", "SHA-1", "SHA-256"}) {
      byte[] content =
          ("body { margin: " + rolls.between(0, 1_000_000) + "px }")
              .getBytes(StandardCharsets.UTF_8);
      byte[] digest = MessageDigest.getInstance(algorithm).digest(content);
      String hex = HexFormat.of().formatHex(digest);
      String base64 = Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
      byte[][] halves = {Arrays.copyOf(content, 5), Arrays.copyOfRange(content, 5, content.length)};
      for (String url :
          new String[] {
            "/logo." + hex.substring(0, 12) + ".png",
            "/logo-" + hex + ".png",
            "/logo.png?v=" + hex.substring(0, 8),
            "/logo.png?id=" + base64,
          }) {
        assertThat(HashedName.isProven(url, halves)).as("%s %s", rolls.seed(), url).isTrue();
        byte[][] other = {"something else".getBytes(StandardCharsets.UTF_8)};
        assertThat(HashedName.isProven(url, other)).as("%s %s", rolls.seed(), url).isFalse();
      }
      assertThat(HashedName.isProven("/" + hex + "/logo.png", halves)).isFalse();
      assertThat(HashedName.isProven("/logo." + hex.substring(0, 7) + ".png", halves)).isFalse();
    }
  }
}
