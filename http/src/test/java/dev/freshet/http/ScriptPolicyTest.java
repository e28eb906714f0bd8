package dev.freshet.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Pages whose policy would forbid it get no script of ours.
class ScriptPolicyTest {
  private static boolean allows(String policy) {
    return ScriptPolicy.allowsOwn(Fields.of("Content-Security-Policy", policy));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "default-src 'self'",
        "Default-Src 'SELF'; img-src *",
        "script-src 'self' 'nonce-abc'",
        "img-src 'none'",
        "script-src *",
        "default-src 'none'; script-src 'self'",
        "script-src-elem 'self'; script-src 'none'; worker-src 'self'",
        "upgrade-insecure-requests",
        ""
      })
  void allowsWhereScriptsAndWorkersOfTheSiteAre(String policy) {
    assertThat(allows(policy)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "default-src 'none'",
        "script-src 'nonce-abc'",
        "script-src 'sha256-abc='",
        "script-src 'self' 'strict-dynamic'",
        "script-src https://cdn.example",
        "script-src 'self'; worker-src 'none'",
        "script-src 'self'; child-src https://x.example",
        "script-src 'none'; script-src 'self'",
        "script-src 'self'; require-trusted-types-for 'script'",
        "sandbox allow-scripts",
        "default-src 'self', script-src 'none'",
        "script-src"
      })
  void refusesWhereAnythingForbidsIt(String policy) {
    assertThat(allows(policy)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "default-src 'self'|true",
        "frame-ancestors 'none'; upgrade-insecure-requests|true",
        "script-src 'self'; worker-src 'none'|true",
        "script-src 'self'; require-trusted-types-for 'script'|true",
        "script-src 'self'; speculation-rules-src 'none'|false",
        "script-src 'none'; speculation-rules-src 'self'|false",
        "script-src 'nonce-abc' 'inline-speculation-rules'|false",
        "script-src 'self' 'strict-dynamic'|false",
        "default-src 'none'|false",
        "sandbox allow-scripts|false",
      })
  void rulesComeThroughWhereverABrowserTakesThemForScriptsOrNot(String policy, boolean come) {
    Fields said = Fields.of("Content-Security-Policy", policy);
    assertThat(ScriptPolicy.allowsRules(said)).isEqualTo(come);
  }

  @Test
  void whatWouldOnlyBeReportedCountsToo() {
    Fields reported = Fields.of("Content-Security-Policy-Report-Only", "script-src 'none'");
    assertThat(ScriptPolicy.allowsOwn(reported)).isFalse();
    assertThat(ScriptPolicy.allowsOwn(Fields.of("Content-Type", "text/html"))).isTrue();
  }
}
