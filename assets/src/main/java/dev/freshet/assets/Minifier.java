package dev.freshet.assets;

import dev.freshet.base.Trouble;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Takes out of style sheets and scripts what only people read.
///
/// The tokens stay the app's: no name is changed, and no statement written in another way. Both
/// would save a few percent after coding; but names of one script are used by others and by pages,
/// and shorter statements come in newer syntax than the source, which an older browser may not
/// know. Comments with a licence stay. What can't be read for certain stays as it is.
final class Minifier {
  private static final int MAX_OCTETS = 2 << 20;
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /// A source with a map is made by a tool, and its map tells places in just these octets.
  private static final Pattern MAPPED = Pattern.compile("[#@]\\s*source(?:Mapping)?URL\\s*=");

  private static final List<String> ALL =
      List.of("--minify-whitespace", "--legal-comments=inline", "--charset=utf8", "--color=false");

  /// In a sheet a warning is of what esbuild reads in another way than browsers do, or may.
  private static final List<String> STYLE = List.of("--loader=css", "--log-level=warning");

  /// In a script it is an opinion, but for comments that only some scripts may have.
  private static final List<String> SCRIPT =
      List.of("--loader=js", "--log-level=error", "--log-override:html-comment-in-js=error");

  private final Supplier<Esbuild> esbuild;

  /// @param esbuild asked for each time; throws [Trouble.Found] where there is none
  Minifier(Supplier<Esbuild> esbuild) {
    this.esbuild = esbuild;
  }

  /// Why there is no esbuild; empty where there is one.
  String missing() {
    try {
      var _ = esbuild.get();
      return "";
    } catch (Trouble.Found e) {
      return String.valueOf(e.getMessage());
    }
  }

  /// What came of it.
  sealed interface Outcome {
    @SuppressWarnings("ArrayRecordComponent")
    record Smaller(byte[] content) implements Outcome {}

    /// @param why in a word, for figures
    record Refused(String why) implements Outcome {}
  }

  /// @throws Trouble.Found where esbuild can't be run, or takes too long
  Outcome minify(byte[] source, boolean isStyle) throws InterruptedException {
    if (source.length > MAX_OCTETS) {
      return new Outcome.Refused("large");
    }
    String text = utf8(source);
    if (text == null || text.startsWith("\ufeff")) {
      return new Outcome.Refused("encoding");
    }
    if (MAPPED.matcher(text).find()) {
      return new Outcome.Refused("mapped");
    }
    List<String> arguments = new ArrayList<>(isStyle ? STYLE : SCRIPT);
    arguments.addAll(ALL);
    Esbuild.Ran ran =
        esbuild.get().run(arguments, Path.of(System.getProperty("java.io.tmpdir")), source, LIMIT);
    if (!ran.isGood() || !ran.err().isBlank()) {
      return new Outcome.Refused("unreadable");
    }
    byte[] out = ran.out();
    return out.length > 0 && out.length <= source.length - source.length / 20
        ? new Outcome.Smaller(out)
        : new Outcome.Refused("gain");
  }

  private static @Nullable String utf8(byte[] source) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(source)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
