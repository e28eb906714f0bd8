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
        "/api/v1/products",
        "/basket?zone_id=7&spinning=3&country_code=de&packages=12&plan=basic"
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
        "/find?jane%40example.com=1",
        "/find?security_code=4839",
        "/find?verification_code=483920",
        "/find?smsCode=483920",
        "/find?smscode=483920",
        "/find?mfa_code=483920",
        "/find?mfa=483920",
        "/find?2fa=483920",
        "/find?totp1=483920",
        "/find?access_code=483920",
        "/find?pin_code=4839",
        "/find?user%5Bpin%5D=4839",
        "/find?card[pin]=4839",
        "/find?new_pin=4839",
        "/find?newpin=4839",
        "/find?userPIN=4839",
        "/find?user[age]=4839",
        "/find?user[lat]=48.39",
        "/verify/email/483920",
        "/verify/email/new/483920",
        "/reset//483920",
        "/users//jane",
        "/invite/42/aB3dE9x",
        "/confirm/42/483920",
        "/login/483920",
        "/signin/483920",
        "/2fa/483920",
        "/pin/4839",
        "/img/%C4%B0%C4%B0%C4%B0%C4%B0jane%40example.PNG"
      })
  void masksWhatPointsAtSomebodyOrOpensSomething(String target) {
    String shown = target(target);
    assertThat(shown).isNotEqualTo(target);
    assertThat(shown)
        .doesNotContain(
            "jane", "abc", "4839", "48.39", "aB3dE9x", "1234567", "41111", "3f2504", "dGhp", "A7K9")
        .doesNotContain("amFu", "qwrtz", "3f9a8c", "1990", "52.52", "10115");
  }

  @Test
  void aKeptNameKeepsItsValueUnlessThatLooksLikeASecret() {
    assertThat(target("/find?q=garden+chairs", "q")).isEqualTo("/find?q=garden+chairs");
    assertThat(target("/find?q=jane%40example.com", "q")).doesNotContain("jane");
    assertThat(target("/find?q=4111+1111+1111+1111", "q")).doesNotContain("1111");
    for (String name : List.of("accessToken", "security_code", "user[pin]", "2fa")) {
      assertThatThrownBy(() -> masking(name))
          .isInstanceOf(Trouble.Found.class)
          .hasMessageContaining(name);
    }
    assertThat(target("/find?zipCode=10117&user_id=7", "zipCode", "user_id"))
        .isEqualTo("/find?zipCode=10117&user_id=7");
  }

  @Test
  void aLongRunOfDigitsIsOneLongNumber() {
    for (String run : List.of("4".repeat(5_000), "4.4,".repeat(5_000), "%41".repeat(5_000))) {
      assertThat(target("/x/" + run + "?a=" + run)).doesNotContain(run);
    }
    assertThat(Telltale.hasLongNumber("1-2 (3) 4/5, 6 : 7")).isTrue();
    assertThat(Telltale.hasLongNumber("123456    7 or 1x2")).isFalse();
  }

  @Test
  void aMaskedNamesKindIsFoundWhateverLettersAreBeforeIt() {
    // This letter is two in lower case.
    String shown = target("/avatars/%C4%B0%C4%B0%C4%B03f9a8c21b7de.PNG");
    assertThat(shown).matches("/avatars/[a-z]{3}[0-9][a-z][0-9]\\w{9}\\.PNG");
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
  void whatIsInsideAKeysOrAPersonsFieldIsMaskedToo() {
    String shown =
        masking("note", "value")
            .json(
                """
                {"pin": {"value": "1234", "isSet": true, "by": null, "n": [1234, {"id": 1234}]},
                 "password": {"old": "123456"}, "birth": {"day": 3, "note": "red ribbon"},
                 "geo": {"coords": [48.14, 11.58]}, "user": {"items": {"id": 1234}},
                 "cart": {"items": [{"id": 77}]}}
                """,
                masked::add);
    assertThat(shown)
        .contains("\"isSet\":true,\"by\":null", "\"note\":\"red ribbon\"", "{\"id\":77}")
        .doesNotContain("1234", "\"day\":3", "48.14", "11.58");
    assertThat(masked)
        .containsExactlyInAnyOrder("value", "n", "id", "old", "day", "coords", "coords", "id");
  }

  @Test
  void fieldsThatSayWhatIsTakenHoldKnownWordsOnly() {
    assertThat(Masking.accept("text/html,application/xhtml+xml;q=0.9,my/secret, */*;q=0.8"))
        .isEqualTo("text/html, application/xhtml+xml;q=0.9, */*;q=0.8");
    assertThat(Masking.language("de-DE,de;q=0.9,janedoe")).isEqualTo("de-DE, de;q=0.9");
  }
}
