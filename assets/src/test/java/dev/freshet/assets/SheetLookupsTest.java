package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.http.Fields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SheetLookupsTest {
  private static final String SITE = "http://shop.test";
  private final SheetLookups lookups = new SheetLookups();

  private boolean isFoundIn(String script, int longest) {
    SheetLookups.Reading reading = lookups.read(new PageAddress(SITE + "/p"));
    byte[] octets = Ascii.octets(script);
    for (int at = 0; at < octets.length; at += longest) {
      reading.feed(octets, at, Math.min(octets.length, at + longest));
    }
    return lookups.areOn(new PageAddress(SITE + "/other"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "document.querySelector('link[href=\"/light.css\"]').disabled = true",
        "for (const s of document.styleSheets) if (s.href.endsWith('/a.css')) s.disabled = 1",
        "document.getElementsByTagName( \"link\" )",
        "d.querySelectorAll(`link`)",
      })
  void findsWhatLooksForSheetsWhereverPiecesEnd(String script) {
    String page = "var first = 1; " + "x".repeat(90) + script + "; var last = 2;";
    for (int longest : new int[] {1, 7, 64, 1_000}) {
      assertThat(new SheetLookupsTest().isFoundIn(page, longest)).as("by %s", longest).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "var l = document.createElement('link'); l.rel = 'stylesheet'; head.appendChild(l)",
        "document.adoptedStyleSheets = [sheet]",
        "a.linked = \"blink\"; permalink[0]",
      })
  void whatMakesSheetsIsNone(String script) {
    assertThat(isFoundIn(script, 5)).isFalse();
  }

  @Test
  void aStoredScriptCountsForItsSiteAlone() {
    byte[][] content = {Ascii.octets("var all = document.style"), Ascii.octets("Sheets;")};
    lookups.seen(SITE + "/a.css", Fields.of("Content-Type", "text/css"), content);
    assertThat(lookups.areOn(new PageAddress(SITE + "/p"))).isFalse();
    lookups.seen(SITE + "/a.js", Fields.of("Content-Type", "text/javascript"), content);
    assertThat(lookups.areOn(new PageAddress(SITE + "/p"))).isTrue();
    assertThat(lookups.areOn(new PageAddress("http://else.test/p"))).isFalse();
  }

  /// Anybody may ask a server by any host's name.
  @Test
  void aSiteThatIsInUseIsNotForgottenForOthers() {
    assertThat(isFoundIn("document.styleSheets", 90)).isTrue();
    byte[][] script = {Ascii.octets("document.styleSheets")};
    for (int i = 0; i < 50_000; i++) {
      lookups.seen(
          "http://h" + i + ".test/a.js", Fields.of("Content-Type", "text/javascript"), script);
      if (i % 5_000 == 0) {
        assertThat(lookups.areOn(new PageAddress(SITE + "/p"))).as("after %d", i).isTrue();
      }
    }
    assertThat(lookups.areOn(new PageAddress("http://h0.test/"))).isFalse();
  }
}
