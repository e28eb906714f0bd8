package dev.freshet.pgwire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.freshet.base.Rolls;
import dev.freshet.base.Trouble;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// PgBouncer's userlist.txt.
class UserlistTest {

  @Test
  void readsUsersWithEachKindOfSecret() {
    Userlist list =
        Userlist.parse(
            "userlist.txt",
            """
            ; the users of the shop

            "ann" "pencil"
              "bob"\t"md50123456789abcdef0123456789abcdef" "ignored" and this
            "eve""s" "a""b""\" ; a quote each
            "none" ""
            ;"off" "old"
            """);
    assertThat(list.users())
        .containsExactly(
            Map.entry("ann", new PlainPassword("pencil")),
            Map.entry("bob", new Md5Verifier("md50123456789abcdef0123456789abcdef")),
            Map.entry("eve\"s", new PlainPassword("a\"b\"")),
            Map.entry("none", new PlainPassword("")));
    assertThat(list.find("ann")).isEqualTo(new PlainPassword("pencil"));
    assertThat(list.find("off")).isNull();
    assertThat(list.find("ANN")).isNull();
    assertThat(list.toString()).contains("ann").doesNotContain("pencil");
  }

  @Test
  void lineEndsOfAnySystemWillDoAndTheLastMayLackIts() {
    assertThat(Userlist.parse("u", "\"a\" \"1\"\r\n\"b\" \"2\"\n\n\"c\" \"3\"").users())
        .containsOnlyKeys("a", "b", "c");
    assertThat(Userlist.parse("u", "").users()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "ann \"x\"|no user name",
        "ann|no user name",
        "# \"ann\" \"x\"|no user name",
        "\"ann|no user name",
        "\"ann\"\"|no user name",
        "\"ann\"|no secret",
        "\"ann\" x|no secret",
        "\"ann\" \"x|no secret",
        "\"ann\" \"x\"\"|no secret",
        "\"ann\" ; \"x\"|no secret",
        "\"\" \"x\"|name is empty",
        "\"first\" \"x\"|a line already",
        "\"ann\" \"SCRAM-SHA-256$4096:x\"|the secret of ann"
      })
  void saysWhichLineIsWrongAndHow(String line, String cause) {
    String text = "\"first\" \"hush\"\n; comment\n" + line + "\n";
    assertThatThrownBy(() -> Userlist.parse("etc/userlist.txt", text))
        .isInstanceOf(Trouble.Found.class)
        .hasMessageStartingWith("etc/userlist.txt:3: ")
        .hasMessageContaining(cause)
        .hasMessageNotContaining("hush");
  }

  @Test
  void findsEveryTroubleAtOnce() {
    Trouble.Found found =
        catchThrowableOfType(
            Trouble.Found.class, () -> Userlist.parse("u", "x\n\"ok\" \"1\"\n\n\"y\"\n"));
    assertThat(found.troubles()).extracting(Trouble::place).isEqualTo(List.of("u:1", "u:4"));
  }

  @Test
  void readsBackWhateverNamesAndPasswordsAreWritten() {
    long seed = Long.getLong("seed", System.nanoTime());
    Rolls rolls = new Rolls(seed);
    for (int round = 0; round < 300; round++) {
      Map<String, Secret> users = new LinkedHashMap<>();
      StringBuilder text = new StringBuilder();
      for (int i = rolls.between(0, 5); i > 0; i--) {
        String name = rolls.text(rolls.between(1, 6), "\"\"\"\";\\ é\t");
        String password = rolls.text(rolls.between(0, 6), "\"\"\"\";\\ é\t");
        if (users.putIfAbsent(name, new PlainPassword(password)) == null) {
          text.append(quoted(name)).append(rolls.oneOf(List.of("", " ", " \t ")));
          if (text.charAt(text.length() - 1) == '"') {
            text.append(' ');
          }
          text.append(quoted(password)).append(rolls.oneOf(List.of("\n", "\r\n", " \"x\"\n")));
        }
      }
      assertThat(Userlist.parse("u", text.toString()).users())
          .as("seed %d, round %d", seed, round)
          .isEqualTo(users);
    }
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\"", "\"\"") + "\"";
  }
}
