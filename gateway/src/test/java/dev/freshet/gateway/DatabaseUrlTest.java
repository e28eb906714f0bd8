package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.HostPort;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What may stand in `database`.
class DatabaseUrlTest {
  @Test
  void namesOneHostOrSeveral() {
    DatabaseUrl one = DatabaseUrl.parse("postgresql://app:p%40ss@db.example/shop");
    assertThat(one.servers()).containsExactly(new HostPort("db.example", 5432));
    assertThat(one.target()).isEqualTo(DatabaseUrl.Target.ANY);
    assertThat(one.password()).isEqualTo("p@ss");
    DatabaseUrl several = DatabaseUrl.parse("postgres://app:x@a:1,b,[::1]:3,a:1/shop");
    assertThat(several.servers())
        .isEqualTo(List.of(new HostPort("a", 1), new HostPort("b", 5432), new HostPort("::1", 3)));
    assertThat(several.target()).isEqualTo(DatabaseUrl.Target.READ_WRITE);
    assertThat(several).hasToString("postgresql://app@a:1,b:5432,[::1]:3/shop");
    assertThat(DatabaseUrl.parse("postgresql://app@a,b/?target_session_attrs=primary").target())
        .isEqualTo(DatabaseUrl.Target.PRIMARY);
    assertThat(DatabaseUrl.parse("postgresql://app@a/?target_session_attrs=read-write").target())
        .isEqualTo(DatabaseUrl.Target.READ_WRITE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "postgresql://app:sesame@a,b/x?target_session_attrs=any    | need the same server",
        "postgresql://app:sesame@a/x?target_session_attrs=standby  | passes on writes",
        "postgresql://app:sesame@a,,b/x                            | write it like postgresql://",
        "postgresql://app:sesame@a:99999/x                         | not between 0 and 65535",
        "postgresql://app:sesame%e@a/x                             | a % in it",
        "postgresql://app:sesame@a/x%                              | it is not a URL",
        "postgresql://app:sesame@a/x?sslmode=allow                 | is not disable, prefer",
        "postgresql://a,b/x                                        | write it like postgresql://",
        "mysql://app:sesame@a/x                                    | write it like postgresql://",
      })
  void saysWhatIsWrongAndNeverThePassword(String text, String said) {
    assertThatThrownBy(() -> DatabaseUrl.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(said)
        .hasMessageNotContaining("sesame");
  }
}
