package dev.freshet.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.base.Trouble;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The environment in the configuration.
class VariablesTest {
  private final List<Trouble> troubles = new ArrayList<>();

  private String expand(String text, Map<String, String> environment) {
    return Variables.expand("f.yaml", text, environment::get, troubles);
  }

  @Test
  void putsInWhatTheEnvironmentHas() {
    assertThat(expand("listen: ${HOST}:${PORT}\n", Map.of("HOST", "::1", "PORT", "80")))
        .isEqualTo("listen: ::1:80\n");
    assertThat(troubles).isEmpty();
  }

  @Test
  void putsInTheOtherwiseWhereItHasNothing() {
    assertThat(expand("a: ${A:-x y}\nb: ${B:-}|", Map.of())).isEqualTo("a: x y\nb: |");
    assertThat(expand("a: ${A:-x}", Map.of("A", "told"))).isEqualTo("a: told");
    assertThat(expand("a: ${A:-x}", Map.of("A", ""))).isEqualTo("a: ");
    assertThat(troubles).isEmpty();
  }

  @Test
  void saysWhichLineNamesWhatIsNotThere() {
    expand("a: 1\nb: ${NONE}\nc: ${ALSO}", Map.of());
    assertThat(troubles)
        .containsExactly(
            new Trouble(
                "f.yaml:2", "the environment has no NONE", "set it, or write ${NONE:-otherwise}"),
            new Trouble(
                "f.yaml:3", "the environment has no ALSO", "set it, or write ${ALSO:-otherwise}"));
  }

  @Test
  void takesValuesAsTheyAre() {
    assertThat(expand("a: ${A}", Map.of("A", "$1 \\ ${B}", "B", "no"))).isEqualTo("a: $1 \\ ${B}");
    assertThat(troubles).isEmpty();
  }

  @Test
  void leavesCommentsAndOtherDollarsAlone() {
    String text = "# ${NONE}\n  # ${NONE}\na: $A {A} ${} ${1} $${";
    assertThat(expand(text, Map.of())).isEqualTo(text);
    assertThat(troubles).isEmpty();
  }

  @Test
  void keepsEveryLineWhereItWas() {
    assertThat(expand("a\n\n\nb\n", Map.of())).isEqualTo("a\n\n\nb\n");
    assertThat(expand("", Map.of())).isEmpty();
  }
}
