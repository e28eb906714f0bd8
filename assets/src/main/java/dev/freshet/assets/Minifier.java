package dev.freshet.assets;

import dev.freshet.base.Trouble;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Takes out of style sheets and scripts what only people read.
///
/// The tokens stay the app's: no name is changed, and no statement written in another way. Both
/// would save a few percent after coding; but names of one script are used by others and by pages,
/// and shorter statements come in newer syntax than the source, which an older browser may not
/// know. Comments with a licence stay. What can't be read for certain stays as it is.
final class Minifier implements AutoCloseable {
  private static final int MAX_OCTETS = 2 << 20;
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /// A source with a map is made by a tool, and its map tells places in just these octets.
  private static final Pattern MAPPED = Pattern.compile("[#@]\\s*source(?:Mapping)?URL\\s*=");

  /// A function that begins with a comment.
  private static final Pattern COMMENTED =
      Pattern.compile("(?:function\\s*+[\\w$]*+\\s*+\\([^()]*+\\)|\\)\\s*+=>)\\s*+\\{\\s*+/\\*");

  private static final Pattern END_OF_FUNCTION = Pattern.compile("\\*/\\s*\\}");

  /// How an expression begins that looks for comments.
  private static final String COMMENT_SOUGHT = "\\/\\*";

  private static final List<String> ALL =
      List.of(
          "--minify-whitespace",
          "--legal-comments=inline",
          "--sources-content=false",
          "--color=false");

  /// Printing is free to use what the source doesn't: `{a}` for `{a: a}`, backticks for quotes.
  private static final String NO_SHORT_PROPERTIES = "--supported:object-extensions=false";

  private static final String NO_LET = "--supported:const-and-let=false";
  private static final String NO_LONG_ESCAPES = "--supported:unicode-escapes=false";
  private static final Pattern LET = Pattern.compile("\\blet\\b");
  private static final Esbuild.Ran FAILED = new Esbuild.Ran(1, new byte[0], "");
  private static final String NO_TEMPLATES = "--supported:template-literal=false";

  /// In a sheet a warning is of what esbuild reads in another way than browsers do, or may.
  private static final List<String> STYLE = List.of("--loader=css", "--log-level=warning");

  /// In a script it is an opinion, but for comments that only some scripts may have. None of it is
  /// going to stand within a page, so nothing has to be written around `</script`.
  private static final List<String> SCRIPT =
      List.of(
          "--loader=js",
          "--log-level=error",
          "--log-override:html-comment-in-js=error",
          "--supported:inline-script=false");

  private final Supplier<Esbuild> esbuild;
  private final EsbuildService service;

  /// Pieces of what was minified.
  private final Memo pieces;

  private final boolean mayCut;

  /// @param esbuild asked for each time; throws [Trouble.Found] where there is none
  /// @param memory octets that it may keep of long sources, so that their next versions take less
  Minifier(Supplier<Esbuild> esbuild, long memory) {
    this(esbuild, new Memo(memory), memory > 0);
  }

  private Minifier(Supplier<Esbuild> esbuild, Memo pieces, boolean mayCut) {
    this.esbuild = esbuild;
    this.service = new EsbuildService(esbuild);
    this.pieces = pieces;
    this.mayCut = mayCut;
  }

  /// One for another thread, which knows what this one does.
  Minifier beside() {
    return new Minifier(esbuild, pieces, mayCut);
  }

  /// From now on what it is given is minified without a start of esbuild before.
  void standBy() {
    service.standBy();
  }

  @Override
  public void close() {
    service.close();
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

  /// A source, cut once for all that is asked of it.
  ///
  /// @param isUtf8 false where nobody says in which encoding it is read: then it is ASCII or stays
  /// @param pieces in which it is minified; it alone where it is left whole
  @SuppressWarnings("ArrayRecordComponent")
  record Source(byte[] content, boolean isStyle, boolean isUtf8, List<Piece> pieces) {
    boolean isCut() {
      return pieces.size() > 1;
    }
  }

  /// @param name of what comes of it
  @SuppressWarnings("ArrayRecordComponent")
  private record Piece(byte[] content, String name) {}

  Source source(byte[] content, boolean isStyle, boolean isUtf8) {
    boolean isCut = mayCut && content.length <= MAX_OCTETS;
    List<byte[]> cut = isCut ? SourcePieces.of(content, isStyle) : List.of(content);
    List<Piece> named = new ArrayList<>();
    for (byte[] piece : cut) {
      named.add(new Piece(piece, cut.size() == 1 ? "" : name(piece, isStyle, isUtf8)));
    }
    return new Source(content, isStyle, isUtf8, named);
  }

  /// @throws Trouble.Found where esbuild can't be run
  Outcome minify(Source source) throws InterruptedException {
    byte[] content = source.content();
    if (content.length > MAX_OCTETS) {
      return new Outcome.Refused("large");
    }
    String text = utf8(content);
    boolean isUtf8 = source.isUtf8();
    if (text == null || text.startsWith("\ufeff") || !(isUtf8 || isAscii(content))) {
      return new Outcome.Refused("encoding");
    }
    if (isMapped(text)) {
      return new Outcome.Refused("mapped");
    }
    if (!source.isStyle() && looksForComments(text)) {
      return new Outcome.Refused("comments");
    }
    try {
      Esbuild.Ran ran = source.isCut() ? joined(source) : FAILED;
      if (!ran.isGood()) {
        if (!source.isStyle() && keepsTexts(text)) {
          return new Outcome.Refused("comments");
        }
        ran = whole(content, source.isStyle(), isUtf8);
      }
      // A name that the source writes by an escape is put back as it is.
      boolean isReadable = isUtf8 || isAscii(ran.out());
      return isReadable ? outcome(ran, content) : new Outcome.Refused("encoding");
    } catch (Esbuild.TookTooLong e) {
      return new Outcome.Refused("slow");
    }
  }

  /// How much of it was not minified before, as part of another version: all where it can't be
  /// minified in pieces.
  long unknown(Source source) {
    if (!source.isCut()) {
      return source.content().length;
    }
    long unknown = 0;
    for (Piece piece : source.pieces()) {
      Map<Refinement.Kind, byte[]> known = pieces.get(piece.name());
      if (known == null) {
        unknown += piece.content().length;
      } else if (known.isEmpty()) {
        return source.content().length;
      }
    }
    return unknown;
  }

  private static String name(byte[] piece, boolean isStyle, boolean isUtf8) {
    return (isStyle ? "css " : "js ") + (isUtf8 ? "utf-8 " : "") + Contents.hash(piece);
  }

  /// All pieces together, of which each is minified once; failed where one can't be by itself.
  private Esbuild.Ran joined(Source source) throws InterruptedException {
    ByteArrayOutputStream out = new ByteArrayOutputStream(source.content().length);
    for (Piece piece : source.pieces()) {
      byte[] small = piece(piece, source.isStyle(), source.isUtf8());
      if (small == null) {
        return FAILED;
      }
      out.writeBytes(small);
    }
    return new Esbuild.Ran(0, out.toByteArray(), "");
  }

  /// Null where it can't be minified by itself.
  private byte @Nullable [] piece(Piece piece, boolean isStyle, boolean isUtf8)
      throws InterruptedException {
    Map<Refinement.Kind, byte[]> known = pieces.get(piece.name());
    if (known == null) {
      byte[] content = piece.content();
      boolean mayBe = isStyle || !keepsTexts(new String(content, StandardCharsets.UTF_8));
      Esbuild.Ran ran = mayBe ? whole(content, isStyle, isUtf8) : FAILED;
      boolean isGood = ran.isGood() && ran.err().isBlank() && endsLine(ran.out());
      known = isGood ? Map.of(Refinement.Kind.MINIFIED, ran.out()) : Map.of();
      pieces.put(piece.name(), known);
    }
    return known.get(Refinement.Kind.MINIFIED);
  }

  private static boolean endsLine(byte[] out) {
    return out.length > 0 && out[out.length - 1] == '\n';
  }

  private Esbuild.Ran whole(byte[] source, boolean isStyle, boolean isUtf8)
      throws InterruptedException {
    List<String> arguments = new ArrayList<>(isStyle ? STYLE : SCRIPT);
    arguments.addAll(ALL);
    arguments.add(isUtf8 ? "--charset=utf8" : "--charset=ascii");
    return isStyle
        ? run(arguments, source)
        : script(arguments, source, new String(source, StandardCharsets.UTF_8));
  }

  private static boolean isMapped(String text) {
    boolean mayBe = text.contains("sourceMappingURL") || text.contains("sourceURL");
    return mayBe && MAPPED.matcher(text).find();
  }

  /// Whether comments of a script may mean something to it, or to another that it reads.
  private static boolean looksForComments(String text) {
    return text.contains("toString") && text.contains(COMMENT_SOUGHT);
  }

  /// Whether comments of a script may mean something to others: before strings could have lines,
  /// texts stood in functions of nothing but a comment, to be read from their source.
  private static boolean keepsTexts(String text) {
    Matcher found = COMMENTED.matcher(text);
    boolean isText = false;
    int end = 0;
    while (!isText && end >= 0 && found.find()) {
      end = text.indexOf("*/", found.end());
      boolean hasLines = end > 0 && text.substring(found.end(), end).indexOf('\n') >= 0;
      isText = hasLines && END_OF_FUNCTION.matcher(text).region(end, text.length()).lookingAt();
    }
    return isText;
  }

  /// In no newer syntax than the source.
  private Esbuild.Ran script(List<String> arguments, byte[] source, String text)
      throws InterruptedException {
    if (text.indexOf('`') < 0) {
      arguments.add(NO_TEMPLATES);
    }
    if (!text.contains("\\u{")) {
      arguments.add(NO_LONG_ESCAPES);
    }
    List<String> used = with(arguments, NO_SHORT_PROPERTIES);
    Esbuild.Ran mapped = run(with(used, OriginalNames.MAPPED), source);
    if (!mapped.isGood()) {
      // The source has some itself, or can't be read at all.
      used = arguments;
      mapped = run(with(used, OriginalNames.MAPPED), source);
    }
    if (!mapped.isGood()) {
      return mapped;
    }
    OriginalNames names = OriginalNames.of(new String(mapped.out(), StandardCharsets.UTF_8));
    byte[] out = names.text().getBytes(StandardCharsets.UTF_8);
    if (LET.matcher(names.text()).find()) {
      // A function in a block is written as a `let`: newer where the source has none.
      Esbuild.Ran without = run(with(arguments, NO_LET), source);
      if (without.isGood() && !Arrays.equals(without.out(), out)) {
        return FAILED;
      }
    }
    return named(names, out, used);
  }

  /// With the names of the source. That each stands where it did is seen by having it printed once
  /// more: what comes out is the same.
  private Esbuild.Ran named(OriginalNames names, byte[] out, List<String> arguments)
      throws InterruptedException {
    try {
      String restored = names.restored();
      if (restored == null || restored.equals(names.text())) {
        return restored == null ? FAILED : new Esbuild.Ran(0, out, "");
      }
      byte[] octets = restored.getBytes(StandardCharsets.UTF_8);
      Esbuild.Ran again = run(arguments, octets);
      return Arrays.equals(again.out(), out) ? new Esbuild.Ran(0, octets, "") : FAILED;
    } catch (IOException e) {
      return FAILED;
    }
  }

  private static List<String> with(List<String> arguments, String more) {
    List<String> all = new ArrayList<>(arguments);
    all.add(more);
    return all;
  }

  private Esbuild.Ran run(List<String> arguments, byte[] source) throws InterruptedException {
    return service.run(arguments, source, LIMIT);
  }

  private static Outcome outcome(Esbuild.Ran ran, byte[] source) {
    if (!ran.isGood() || !ran.err().isBlank()) {
      return new Outcome.Refused("unreadable");
    }
    byte[] out = ran.out();
    return out.length > 0 && out.length <= source.length - source.length / 20
        ? new Outcome.Smaller(out)
        : new Outcome.Refused("gain");
  }

  private static boolean isAscii(byte[] source) {
    for (byte octet : source) {
      if (octet < 0) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable String utf8(byte[] source) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(source)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
