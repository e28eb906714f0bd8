package dev.freshet.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.base.Rolls;
import dev.freshet.base.Trouble;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaskingTest {
  private final List<String> masked = new ArrayList<>();

  private static Masking masking(String... keep) {
    return new Masking(Set.of(keep), new Substitutes(new Rolls(1).bytes(32)));
  }

  private String target(String target, String... keep) {
    return masking(keep).target(target, masked::add);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/product/7",
        "/category/garden-chairs?page=2&sort=price-asc",
        "/api/orders/123456/items?limit=20&price=12.50",
        "/blog/2026/11/how-to-cook-rice-in-10-minutes",
        "/archive/2026-11-27",
        "/users/42/edit",
        "/users/new",
        "/assets/app.3f9a8c21e77d01ab.js",
        "/_next/static/chunks/pages-BX3kd92aQ1.css",
        "/assets/photo-3f9a8c21.webp",
        "/jquery-3.7.1.min.js",
        "/donation/kindergarten/internationalization",
        "/getUserName.json",
        "/api/v1/products"
      })
  void leavesWhatSaysNothingAboutAnybody(String target) {
    assertThat(target(target)).isEqualTo(target);
    assertThat(masked).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/users/jane@example.com",
        "/users/jane",
        "/profile/jane-doe",
        "/~jane",
        "/@jane",
        "/reset/abc",
        "/reset-password/jane",
        "/verify/483920",
        "/page;jsessionid=jane",
        "/call/+49-30-1234567",
        "/call/030%2F1234567",
        "/cards/4111111111111111",
        "/order/3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "/d/dGhpc2lzYXNlY3JldA",
        "/x/A7K9Q2ZXB1",
        "/x/amFuZUBleGFtcGxlLmNvbQ==",
        "/x/jane%2540example.com",
        "/x/qwrtzxcvbnmkjhgf",
        "/avatars/3f9a8c21b7de.png",
        "/img/jane@example.com.png",
        "/find?q=jane",
        "/find?jane",
        "/find?otp=483920",
        "/find?born=1990-01-01",
        "/find?at=52.52,13.40",
        "/find?zip=10115",
        "/find?jane%40example.com=1"
      })
  void masksWhatPointsAtSomebodyOrOpensSomething(String target) {
    String shown = target(target);
    assertThat(shown).isNotEqualTo(target);
    assertThat(shown)
        .doesNotContain("jane", "abc", "483920", "1234567", "41111", "3f2504", "dGhp", "A7K9")
        .doesNotContain("amFu", "qwrtz", "3f9a8c", "1990", "52.52", "10115");
  }

  @Test
  void aKeptNameKeepsItsValueUnlessThatLooksLikeASecret() {
    assertThat(target("/find?q=garden+chairs", "q")).isEqualTo("/find?q=garden+chairs");
    assertThat(target("/find?q=jane%40example.com", "q")).doesNotContain("jane");
    assertThat(target("/find?q=4111+1111+1111+1111", "q")).doesNotContain("1111");
    assertThatThrownBy(() -> masking("accessToken"))
        .isInstanceOf(Trouble.Found.class)
        .hasMessageContaining("accessToken");
  }

  @Test
  void theSameTextHasTheSameSubstituteOfTheSameShape() {
    Masking one = masking();
    String first = one.form("a=Jane+Doe-77&b=Jane+Doe-77", masked::add);
    assertThat(first).matches("a=([A-Z][a-z]{3}%20[A-Z][a-z]{2}-[0-9]{2})&b=\\1");
    assertThat(masked).containsExactly("a", "b");
    String other =
        new Masking(Set.of(), new Substitutes(new Rolls(2).bytes(32)))
            .form("a=Jane+Doe-77&b=Jane+Doe-77", masked::add);
    assertThat(other).isNotEqualTo(first);
  }

  @Test
  void nobodyCanBeReachedUnderASubstitute() {
    assertThat(target("/x?m=jane%40example.com")).endsWith("%40masked.invalid");
    assertThat(target("/x?tel=%2B49301234567")).contains("%2B999");
  }

  @Test
  void jsonKeepsItsShape() {
    String shown =
        masking("note")
            .json(
                """
                {"id": 7, "quantity": 2, "gift": true, "note": "red ribbon", "to": null,
                 "person": {"name": "Jane", "phones": ["+49 30 1234567"], "born": 19900101,
                 "weight": 1e999999999, "jane@example.com": "x"}, "sort": "desc"}
                """,
                masked::add);
    assertThat(shown)
        .startsWith("{\"id\":7,\"quantity\":2,\"gift\":true,\"note\":\"red ribbon\",\"to\":null,")
        .contains("\"sort\":\"desc\"")
        .matches(".*\"born\":[1-9][0-9]{7}.*")
        .doesNotContain("Jane", "jane", "1234567", "19900101");
    assertThat(masked).containsExactlyInAnyOrder("name", "phones", "born", "weight", "");
    assertThat(masking().json("{\"a\": ", masked::add)).isNull();
    assertThat(masking().json("[".repeat(5_000), masked::add)).isNull();
  }

  @Test
  void fieldsThatSayWhatIsTakenHoldKnownWordsOnly() {
    assertThat(Masking.accept("text/html,application/xhtml+xml;q=0.9,my/secret, */*;q=0.8"))
        .isEqualTo("text/html, application/xhtml+xml;q=0.9, */*;q=0.8");
    assertThat(Masking.language("de-DE,de;q=0.9,janedoe")).isEqualTo("de-DE, de;q=0.9");
  }
}
