package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.ByteSize;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What browsers are told of the site's static assets.
class AssetListTest {
  private static final String SITE = "https://shop.test";
  private final AssetList list = new AssetList();

  private void seen(String path, String type, String content, String... more) {
    Fields fields = Fields.of("Content-Type", type);
    for (int i = 0; i < more.length; i += 2) {
      fields.add(FieldName.of(more[i]), more[i + 1]);
    }
    list.seen(SITE + path, fields, new byte[][] {content.getBytes(StandardCharsets.UTF_8)});
  }

  private static Held all(String key) {
    return Held.FRESH;
  }

  private static WorkerConfig config(int entries, long octets, long ahead) {
    return new WorkerConfig(
        true, WorkerConfig.OFFLINE, entries, new ByteSize(octets), new ByteSize(ahead));
  }

  /// Path and flags of each, in order.
  private List<String> listed(WorkerConfig config, Function<String, Held> held) {
    Matcher each =
        Pattern.compile("\\[\"([^\"]*)\",\"[\\w-]{12}\",(\\d)]")
            .matcher(list.json(SITE, config, held));
    List<String> out = new ArrayList<>();
    while (each.find()) {
      out.add(each.group(1) + " " + each.group(2));
    }
    return out;
  }

  private List<String> listed() {
    return listed(WorkerConfig.on(), AssetListTest::all);
  }

  @Test
  void listsWhatPagesAreMadeOfTheLastSeenFirst() {
    seen("/a.css", "text/css; charset=utf-8", "a");
    seen("/b.js?v=1", "application/javascript", "b");
    seen("/c.woff2", "font/woff2", "c");
    seen("/d.png", "image/png", "d");
    seen("/e", "text/html", "e");
    seen("/f", "application/json", "f");
    seen("/g", "text/event-stream", "g");
    seen("/h.txt", "text/plain", "h");
    assertThat(listed()).containsExactly("/c.woff2 1", "/b.js?v=1 1", "/a.css 1");
  }

  @Test
  void tellsNobodyAUrlThatMayBeASecret() {
    seen("/mine.png", "image/png", "a");
    seen("/a.js?token=0123456789abcdef", "text/javascript", "b");
    seen("/b.js?v=0123456789abcdef0", "text/javascript", "c");
    seen("/c.js?v=1&key=2", "text/javascript", "d");
    seen("/d.js?ver=6.4.2", "text/javascript", "e");
    seen("/e.css?20261127", "text/css", "f");
    assertThat(listed()).containsExactly("/e.css?20261127 1", "/d.js?ver=6.4.2 1");
  }

  @Test
  void leavesOutWhateverMayBeMeantForOne() {
    seen("/a.js", "text/javascript", "a", "Cache-Control", "private, max-age=60");
    seen("/b.js", "text/javascript", "b", "Cache-Control", "no-store");
    seen("/c.js", "text/javascript", "c", "Set-Cookie", "a=b");
    seen("/d.js", "text/javascript", "d", "Vary", "Cookie");
    seen("/e.js", "text/javascript", "e", "Vary", "*");
    seen("/f.png", "image/png", "f", "Vary", "Accept");
    seen("/g.js", "text/javascript", "g", "Cache-Control", "no-cache");
    seen("/h.js", "text/javascript", "h", "Vary", "Accept-Encoding");
    assertThat(listed()).containsExactly("/h.js 1");
    seen("/h.js", "text/javascript", "h", "Cache-Control", "private");
    assertThat(listed()).as("no longer for everybody").isEmpty();
  }

  @Test
  void keepsToWhatABrowserMayKeep() {
    for (int i = 0; i < 10; i++) {
      seen("/" + i + ".js", "text/javascript", "x".repeat(100));
    }
    assertThat(listed(config(3, 10_000, 10_000), AssetListTest::all)).hasSize(3);
    assertThat(listed(config(300, 450, 10_000), AssetListTest::all)).hasSize(4);
    assertThat(listed(config(300, 10_000, 250), AssetListTest::all))
        .startsWith("/9.js 1", "/8.js 1", "/7.js 0")
        .hasSize(10);
    assertThat(listed(config(0, 10_000, 10_000), AssetListTest::all)).isEmpty();
    seen("/large.js", "text/javascript", "x".repeat(5 << 20));
    assertThat(listed()).hasSize(10);
  }

  @Test
  void listsWhatIsThereStillAndOnlyOfThatSite() {
    seen("/gone.js", "text/javascript", "a");
    seen("/old.js", "text/javascript", "b");
    seen("/new.js", "text/javascript", "c");
    list.seen(
        "https://shop.test.evil/x.js",
        Fields.of("Content-Type", "text/javascript"),
        new byte[][] {{'x'}});
    Function<String, Held> held =
        key ->
            key.endsWith("gone.js")
                ? Held.NO
                : key.endsWith("old.js") ? Held.WHILE_REVALIDATING : Held.FRESH;
    assertThat(listed(WorkerConfig.on(), held)).containsExactly("/new.js 1", "/old.js 3");
  }

  @Test
  void aRevisionNamesTheContent() {
    seen("/a.js", "text/javascript", "one");
    String one = list.json(SITE, WorkerConfig.on(), AssetListTest::all);
    seen("/a.js", "text/javascript", "one");
    assertThat(list.json(SITE, WorkerConfig.on(), AssetListTest::all)).isEqualTo(one);
    seen("/a.js", "text/javascript", "two");
    assertThat(list.json(SITE, WorkerConfig.on(), AssetListTest::all)).isNotEqualTo(one);
  }

  @Test
  void remembersNoMoreThanSoMany() {
    for (int i = 0; i < 6_000; i++) {
      seen("/" + i + ".js", "text/javascript", "");
    }
    assertThat(list.size()).isEqualTo(5_000);
  }

  @Test
  void aPathIsProperJsonWhateverItIs() {
    seen("/a\"b\\c\u00e9.js", "text/javascript", "a");
    assertThat(list.json(SITE, WorkerConfig.on(), AssetListTest::all))
        .contains("/a\\u0022b\\u005cc\\u00e9.js");
  }
}
