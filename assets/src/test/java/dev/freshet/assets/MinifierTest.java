package dev.freshet.assets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.assets.Minifier.Outcome;
import dev.freshet.base.Rolls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MinifierTest {
  private static final String LONG = "/* " + "a comment ".repeat(20) + "*/\n";
  @TempDir private static Path folder;
  private static @Nullable Esbuild found;

  /// Looked for once: that reads the whole program.
  private static synchronized Esbuild esbuild() {
    Esbuild known = found == null ? Esbuild.find(null, folder) : found;
    found = known;
    return known;
  }

  private static String script(String source, boolean isUtf8) throws InterruptedException {
    try (Minifier minifier = new Minifier(MinifierTest::esbuild, 0)) {
      return script(minifier, source, isUtf8);
    }
  }

  private static Minifier.Source source(
      Minifier minifier, String text, boolean isStyle, boolean isUtf8) {
    return minifier.source(text.getBytes(UTF_8), isStyle, isUtf8);
  }

  private static String script(Minifier minifier, String source, boolean isUtf8)
      throws InterruptedException {
    return switch (minifier.minify(source(minifier, LONG + source, false, isUtf8))) {
      case Outcome.Smaller(byte[] content) -> new String(content, UTF_8).strip();
      case Outcome.Refused(String why) -> why;
    };
  }

  @Test
  void oldSyntaxStaysOld() throws InterruptedException {
    assertThat(script("var a = {b: b, c: \"\\n\\n\\n\\n\"};\n", true))
        .isEqualTo("var a={b:b,c:\"\\n\\n\\n\\n\"};");
    assertThat(script("var a = \"\\ud83d\\ude00\";\n", false))
        .isEqualTo("var a=\"\\uD83D\\uDE00\";");
    assertThat(script("if (a) { function f() {} f(); }\n", true))
        .as("would come as a let")
        .isEqualTo("unreadable");
    assertThat(script("x = String.raw`a</script>`;\n", true))
        .as("would bring variables of esbuild's")
        .isEqualTo("x=String.raw`a</script>`;");
    assertThat(script("const a = {b, c() {}, d: `e`}; let f = () => 1;\n", true))
        .isEqualTo("const a={b,c(){},d:`e`};let f=()=>1;");
  }

  @Test
  void withoutAWordAboutTheEncodingOnlyAsciiIsTakenAndGiven() throws InterruptedException {
    assertThat(script("var a = \"\\u00e9\";\n", false)).isEqualTo("var a=\"\\xE9\";");
    assertThat(script("var a = \"\u00e9\";\n", false)).isEqualTo("encoding");
    assertThat(script("var a = \"\u00e9\";\n", true)).isEqualTo("var a=\"\u00e9\";");
  }

  @Test
  void textsThatStandInCommentsStay() throws InterruptedException {
    String text = "var t = read(function () {/*\n<p>one</p>\n<p>two</p>\n*/});\n";
    assertThat(script(text, true)).isEqualTo("comments");
    assertThat(script("var t = read(() => { /* one\ntwo */ });\n", true)).isEqualTo("comments");
    assertThat(
            script(
                "function read(f) { return /\\/\\*([^]*)\\*\\//.exec(f.toString())[1]; }\n", true))
        .isEqualTo("comments");
    assertThat(script("function f() { /* does\nnothing */ g(); }\n", true))
        .isEqualTo("function f(){g()}");
    assertThat(script("try { g(); } catch (e) { /* no\nmatter */ }\n", true))
        .isEqualTo("try{g()}catch(e){}");
  }

  /// AngularJS gives a function what its parameters are called.
  @Test
  void namesStayAlsoWhereTheyHideOthers() throws InterruptedException {
    String source =
        """
        app.controller('Outer', function ($scope, modal) {
          modal.open({ controller: function ($scope, instance) { $scope.ok = instance.close; } });
        });
        var text = `one
        two ${app}`, \u00fcber = 1;
        function f(text, app) { return { app: app, text: function text() {} , "\u00fc": text }; }
        (function () { class Shop { #stock = 1; of(f) { return f in this ? #stock in f : 0; } }
          register(Shop); })();
        class Shop {}
        """;
    assertThat(script(source, true))
        .contains(
            "function($scope,modal){",
            "function($scope,instance){$scope.ok=instance.close}",
            "function f(text,app){return{app:app,text:function text(){}",
            "class Shop{#stock",
            "register(Shop)");
    assertThat(script("var a = 1; function f(a) { return { a }; }\n", true))
        .isEqualTo("var a=1;function f(a){return{a:a}}");
  }

  /// Whoever reads the script in another encoding would read another name.
  @Test
  void aNameThatIsWrittenByAnEscapeComesInNoOtherEncoding() throws InterruptedException {
    String source = "var \\u00fcber = 1; function f(\\u00fcber) { return \\u00fcber; }\n";
    assertThat(script(source, false)).isEqualTo("encoding");
    assertThat(script(source, true))
        .isEqualTo("var \u00fcber=1;function f(\u00fcber){return \u00fcber}");
  }

  @Test
  void withoutAMapNoNameIsKnownToBeTheSources() throws IOException {
    assertThat(OriginalNames.of("function f(a2){}\n").restored()).isNull();
  }

  /// Each costs as many steps as it has octets, and no more.
  @Test
  void aLongRunOfSpacesIsReadOnce() throws InterruptedException {
    String spaces = " ".repeat(500_000);
    assertThat(script("x = 'function" + spaces + "';\n", true)).isNotEqualTo("comments");
  }

  /// Statements that a script may be cut behind or in front of, and some that it may not be.
  private static final String[] STATEMENTS = {
    "class Cart%d extends Base {\n  add(one) {\n    this.all.push(one);\n  }\n}\n",
    "/** Tells all. */\nfunction tell%d(what) {\n  return `a\n}\n${what}`;\n}\n",
    "var made%d = {\n  a: 1\n}\n",
    "(function () {\n  // }\n  window.one%d = 1;\n})();\n",
    "[1, 2].forEach(function (each) {\n  each(%d)\n})\n",
    "var run%d = function () {\n  return /}/.test(a);\n}\n(run)\n",
    "if (a%d) {\n  b();\n}\nelse {\n  c();\n}\n",
    "do {\n  x%d++;\n}\nwhile (x < 3)\n",
    "/* old:\nfunction gone%d() {\n}\n*/\n",
    "x%d = a\n`t\n}\n`\n",
    "try {\n  d(%d);\n}\ncatch (e) {\n}\nfinally {\n}\n",
    "label%d: {\n  break label%1$d;\n}\n",
  };

  private static String statements(Rolls rolls, int many) {
    StringBuilder out = new StringBuilder("/* begin */\nvar first = 1;\n");
    for (int i = 0; i < many; i++) {
      out.append(STATEMENTS[rolls.between(0, STATEMENTS.length - 1)].formatted(i));
    }
    return out.toString();
  }

  private static String minified(Minifier minifier, String source, boolean isStyle)
      throws InterruptedException {
    Outcome outcome = minifier.minify(source(minifier, source, isStyle, true));
    assertThat(outcome).isInstanceOf(Outcome.Smaller.class);
    return outcome instanceof Outcome.Smaller(byte[] content) ? new String(content, UTF_8) : "";
  }

  /// Minified once more at once, where nothing is cut: a script that means another thing by its
  /// pieces would come out in another way.
  @Test
  void whatIsMinifiedInPiecesIsWhatIsMinifiedWhole() throws InterruptedException {
    Esbuild esbuild = esbuild();
    Minifier minifier = new Minifier(() -> esbuild, 1 << 20);
    int cut = 0;
    for (int round = 0; round < 2; round++) {
      Rolls rolls = new Rolls(System.nanoTime());
      String source = statements(rolls, 3_000);
      cut += SourcePieces.of(source.getBytes(UTF_8), false).size();
      String inPieces = minified(minifier, source, false);
      List<String> plain = List.of("--minify-whitespace", "--loader=js", "--log-level=error");
      String[] both = new String[2];
      String[] sources = {source, inPieces};
      for (int i = 0; i < 2; i++) {
        Esbuild.Ran ran =
            esbuild.run(plain, folder, sources[i].getBytes(UTF_8), Duration.ofMinutes(1));
        assertThat(ran.err()).as("seed %d", rolls.seed()).isEmpty();
        both[i] = new String(ran.out(), UTF_8);
      }
      assertThat(both[1]).as("seed %d", rolls.seed()).isEqualTo(both[0]);
    }
    assertThat(cut).as("pieces of two scripts").isGreaterThan(6);
  }

  @Test
  void ofTheNextVersionOnlyThePieceThatHasChangedIsMinified() throws InterruptedException {
    AtomicInteger runs = new AtomicInteger();
    Esbuild esbuild = esbuild();
    Minifier minifier =
        new Minifier(
            () -> {
              runs.incrementAndGet();
              return esbuild;
            },
            1 << 20);
    StringBuilder sheet = new StringBuilder();
    for (int i = 0; i < 4_000; i++) {
      sheet.append("/* the ").append(i).append(" */\n.rule-").append(i);
      sheet.append(" {\n  margin: ").append(i).append("px;\n}\n");
    }
    String before = minified(minifier, sheet.toString(), true);
    int first = runs.getAndSet(0);
    assertThat(first).isGreaterThan(3);
    String next = sheet.insert(sheet.indexOf(".rule-2001"), ".new {\n  top: 1px;\n}\n").toString();
    assertThat(unknown(minifier, next, true)).isPositive().isLessThan(64 << 10);
    assertThat(minified(minifier, next, true))
        .isEqualTo(
            before.replace(".rule-2001{margin:2001px}", ".new{top:1px}.rule-2001{margin:2001px}"));
    assertThat(runs).hasValueLessThanOrEqualTo(2);
    assertThat(unknown(minifier, next, true)).isZero();
    assertThat(unknown(minifier, next.replace("px", "em"), true)).isGreaterThan(64 << 10);
  }

  private static long unknown(Minifier minifier, String source, boolean isStyle) {
    return minifier.unknown(source(minifier, source, isStyle, true));
  }

  /// It is minified whole, which takes as long as at first.
  @Test
  void nothingIsKnownOfWhatCantBeMinifiedInPieces() throws InterruptedException {
    Esbuild esbuild = esbuild();
    try (Minifier minifier = new Minifier(() -> esbuild, 1 << 20)) {
      String script = "if (a) {\n" + "  b();\n".repeat(10_000) + "}\nelse {\n  c();\n}\n";
      assertThat(pieces(script, false)).isEqualTo(2);
      minified(minifier, script, false);
      assertThat(unknown(minifier, script, false)).isEqualTo(script.length());
    }
  }

  @Test
  void whatCountsForAScriptOrSheetAsAWholeIsNotCut() {
    String classes = "class A {\n  b() {}\n}\n".repeat(4_000);
    assertThat(pieces(classes, false)).isGreaterThan(1);
    assertThat(pieces("// a\n'use strict';\n" + classes, false)).isEqualTo(1);
    assertThat(pieces(classes + "export {\nA\n}\nfrom\n'b';\n" + classes, false)).isEqualTo(1);
    String rules = ".a {\n  top: 0;\n}\n".repeat(4_000);
    assertThat(pieces(rules, true)).isGreaterThan(1);
    assertThat(pieces("@import 'b.css';\n" + rules, true)).isEqualTo(1);
  }

  private static int pieces(String source, boolean isStyle) {
    return SourcePieces.of(source.getBytes(UTF_8), isStyle).size();
  }

  /// It is asked as esbuild's own library asks it; any other is run once for each source.
  @Test
  void anEsbuildThatKnowsNoServiceIsRunOnceForEachSource()
      throws IOException, InterruptedException {
    Esbuild real = esbuild();
    Path other = folder.resolve("other-esbuild");
    Files.writeString(
        other,
        "#!/bin/sh\ncase $1 in --service*) echo no >&2; exit 1;; esac\nexec "
            + real.program()
            + " \"$@\"\n");
    assertThat(other.toFile().setExecutable(true)).isTrue();
    Esbuild old = Esbuild.find(other, folder);
    try (Minifier by = new Minifier(() -> old, 0)) {
      assertThat(script(by, "var a = {b: 1};\n", true)).isEqualTo("var a={b:1};");
      assertThat(script(by, "var = 1;\n", true)).isEqualTo("unreadable");
      assertThat(script(by, "var c = {d: 2};\n", true)).isEqualTo("var c={d:2};");
    }
  }

  @Test
  void oneProcessMinifiesMany() throws IOException, InterruptedException {
    Esbuild esbuild = esbuild();
    Path counted = folder.resolve("counted-esbuild");
    Path starts = folder.resolve("starts");
    Files.writeString(
        counted, "#!/bin/sh\necho $1 >>" + starts + "\nexec " + esbuild.program() + " \"$@\"\n");
    assertThat(counted.toFile().setExecutable(true)).isTrue();
    Esbuild program = Esbuild.find(counted, folder);
    try (Minifier by = new Minifier(() -> program, 0)) {
      for (int i = 0; i < 5; i++) {
        assertThat(script(by, "var a = {b: " + i + "};\n", true)).isEqualTo("var a={b:" + i + "};");
      }
      assertThat(script(by, "var = 1;\n", true)).isEqualTo("unreadable");
    }
    assertThat(Files.readAllLines(starts)).hasSize(2).first().isEqualTo("--version");
  }

  /// What has worked may hold as much as its largest source took: after a while it is another, and
  /// that is there before there is something to do.
  @Test
  void oneThatStandsByIsStartedBeforeItIsNeeded() throws IOException, InterruptedException {
    Esbuild esbuild = esbuild();
    Path starts = folder.resolve("standing-by");
    Path counted = folder.resolve("esbuild-standing-by");
    Files.writeString(
        counted, "#!/bin/sh\necho $1 >>" + starts + "\nexec " + esbuild.program() + " \"$@\"\n");
    assertThat(counted.toFile().setExecutable(true)).isTrue();
    Esbuild program = Esbuild.find(counted, folder);
    List<String> arguments = List.of("--minify-whitespace", "--loader=css");
    Duration limit = Duration.ofMinutes(1);
    try (EsbuildService service = new EsbuildService(() -> program)) {
      service.standBy();
      assertThat(service.run(arguments, "a { b: c }".getBytes(UTF_8), limit).isGood()).isTrue();
      assertThat(services(starts)).as("it was there").isEqualTo(1);
      service.rest();
      assertThat(services(starts)).as("another stands by").isEqualTo(2);
      service.rest();
      assertThat(service.run(arguments, "a { b: c }".getBytes(UTF_8), limit).isGood()).isTrue();
      assertThat(services(starts)).as("it has not worked before").isEqualTo(2);
    }
  }

  private static long services(Path starts) {
    try {
      return Files.readAllLines(starts).stream().filter(one -> one.startsWith("--service")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
