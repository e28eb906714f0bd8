package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StyleRulesTest {
  private static @Nullable String used(String css, String... names) {
    StyleRules rules = StyleRules.of(css);
    return rules == null ? null : rules.used(Set.of(names), address -> "/styles/" + address);
  }

  @Test
  void tellsWhatSelectorsNeed() {
    assertThat(SelectorNames.of("a.b #c > D:hover, *"))
        .isEqualTo(List.of(Set.of("a", ".b", "#c", "d"), Set.of()));
    assertThat(SelectorNames.of("p:not(.x)::before, [data-a=\".y\"] i, svg|rect"))
        .isEqualTo(List.of(Set.of("p"), Set.of("i"), Set.of()));
    assertThat(SelectorNames.of(".md\\:flex, .\\31 0, .ä, .a\\.b"))
        .isEqualTo(List.of(Set.of(".md:flex"), Set.of(".10"), Set.of(".ä"), Set.of(".a.b")));
  }

  @Test
  void keepsRulesOfWhichOneSelectorMayMatchInTheirOrder() {
    String css =
        """
        /* .x { } */ p { color: red } .gone { color: blue }
        .gone, p em { content: "}" } .gone p { margin: 0 }
        p { color: green }
        """;
    assertThat(used(css, "p", "em"))
        .isEqualTo("p{color: red}.gone, p em{content: \"}\"}p{color: green}");
  }

  @Test
  void looksIntoGroupsAndKeepsLayersInTheirPlaces() {
    String css =
        """
        @charset "utf-8"; @layer base, theme;
        @media (width > 30em) { p { top: 0 } .gone { top: 1px } }
        @media print { .gone { top: 2px } }
        @layer base { .gone { top: 3px } }
        @supports (display: grid) { @media screen { p { display: grid } } }
        """;
    assertThat(used(css, "p"))
        .isEqualTo(
            "@layer base, theme;@media (width > 30em){p{top: 0}}@layer base{}"
                + "@supports (display: grid){@media screen{p{display: grid}}}");
  }

  @Test
  void keepsFontsAndMovementsThatAreMentioned() {
    String css =
        """
        @font-face { font-family: "Inter"; src: url(inter.woff2) }
        @font-face { font-family: Other; src: url("other.woff2") }
        @keyframes turn { to { rotate: 1turn } } @keyframes grow { to { scale: 2 } }
        p { font-family: Inter, serif; animation: turn 1s }
        .gone { font-family: Other; animation: grow 1s }
        """;
    assertThat(used(css, "p"))
        .contains("Inter", "@keyframes turn", "url(\"/styles/inter.woff2\")")
        .doesNotContain("Other", "grow");
  }

  @Test
  void letsAddressesMeanInThePageWhatTheyMeanInTheSheet() {
    assertThat(
            used(
                "p { background: url( 'a b.png' ), url(#x), url(data:image/png;base64,AA==) }",
                "p"))
        .isEqualTo(
            "p{background: url(\"/styles/a b.png\"), url(\"#x\"),"
                + " url(\"data:image/png;base64,AA==\")}");
    assertThat(used("p { background: URL(a.png) }", "p"))
        .isEqualTo("p{background: url(\"/styles/a.png\")}");
    assertThat(used("p::after { content: 'see url(a.png)' } p { top: curl(a) }", "p"))
        .isEqualTo("p::after{content: 'see url(a.png)'}p{top: curl(a)}");
    StyleRules rules = Objects.requireNonNull(StyleRules.of("p { background: url(a.png) }"));
    assertThat(rules.used(Set.of("p"), address -> null)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "@import 'other.css'; p { top: 0 }",
        "@namespace svg url(http://www.w3.org/2000/svg);",
        "p { top: 0",
        "p { top: 0 } }",
        "p { background: image-set('a.png' 1x) }",
        "p::after { content: '</style>' }",
        "@unheard-of { p { top: 0 } }",
        "p"
      })
  void leavesASheetAloneThatItDoesNotUnderstand(String css) {
    assertThat(StyleRules.of(css)).isNull();
  }
}
