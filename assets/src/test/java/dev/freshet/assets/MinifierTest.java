package dev.freshet.assets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.assets.Minifier.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MinifierTest {
  private static final String LONG = "/* " + "a comment ".repeat(20) + "*/\n";
  @TempDir private static Path folder;

  private static String script(String source, boolean isUtf8) throws InterruptedException {
    Minifier minifier = new Minifier(() -> Esbuild.find(null, folder));
    return switch (minifier.minify((LONG + source).getBytes(UTF_8), false, isUtf8)) {
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
}
