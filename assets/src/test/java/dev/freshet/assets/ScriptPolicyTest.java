package dev.freshet.assets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.http.Fields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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

  @Test
  void whatWouldOnlyBeReportedCountsToo() {
    Fields reported = Fields.of("Content-Security-Policy-Report-Only", "script-src 'none'");
    assertThat(ScriptPolicy.allowsOwn(reported)).isFalse();
    assertThat(ScriptPolicy.allowsOwn(Fields.of("Content-Type", "text/html"))).isTrue();
  }
}
