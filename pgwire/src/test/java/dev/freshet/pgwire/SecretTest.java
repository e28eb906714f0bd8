package dev.freshet.pgwire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What `pg_authid.rolpassword` or a user list may hold.
class SecretTest {
  private static final SecureRandom RANDOM = new SecureRandom();

  /// RFC 7677's user as PostgreSQL would keep it.
  private static final String PENCIL =
      "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
          + "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
          + "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

  /// `md5(pencil || ann)`.
  private static final String MD5 = "md5" + Md5Auth.hex("pencil".getBytes(US_ASCII), ann());

  @Test
  void tellsAVerifierAHashAndAPasswordApart() {
    assertThat(Secret.parse(PENCIL)).isInstanceOf(ScramVerifier.class);
    assertThat(Secret.parse(MD5)).isEqualTo(new Md5Verifier(MD5));
    assertThat(Secret.parse("pencil")).isEqualTo(new PlainPassword("pencil"));
    assertThat(Secret.parse("")).isEqualTo(new PlainPassword(""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "md5",
        "md5sum",
        "MD50123456789abcdef0123456789abcdef",
        "md50123456789ABCDEF0123456789abcdef",
        "md50123456789abcdef0123456789abcde",
        "md50123456789abcdef0123456789abcdef0",
        "SCRAM-SHA-256",
        "SCRAM-SHA-1$4096:x$y:z"
      })
  void whatOnlyBeginsLikeAHashIsAPassword(String text) {
    assertThat(Secret.parse(text)).isEqualTo(new PlainPassword(text));
  }

  @Test
  void aVerifierIsWrittenAsItWasRead() {
    assertThat(ScramVerifier.parse(PENCIL).format()).isEqualTo(PENCIL);
    ScramVerifier made = ScramVerifier.of("pencil", RANDOM);
    assertThat(ScramVerifier.parse(made.format())).isEqualTo(made).hasSameHashCodeAs(made);
    assertThat(made.iterations()).isEqualTo(4096);
    assertThat(ScramVerifier.of("pencil", RANDOM)).isNotEqualTo(made);
  }

  @Test
  void aBrokenVerifierIsNoPassword() {
    String key = "A".repeat(43) + "=";
    for (String broken :
        List.of(
            "SCRAM-SHA-256$",
            "SCRAM-SHA-256$4096",
            "SCRAM-SHA-256$4096:AAAA$" + key,
            "SCRAM-SHA-256$0:AAAA$" + key + ":" + key,
            "SCRAM-SHA-256$-1:AAAA$" + key + ":" + key,
            "SCRAM-SHA-256$2147483648:AAAA$" + key + ":" + key,
            "SCRAM-SHA-256$99999999999:AAAA$" + key + ":" + key,
            "SCRAM-SHA-256$x:AAAA$" + key + ":" + key,
            "SCRAM-SHA-256$4096:$" + key + ":" + key,
            "SCRAM-SHA-256$4096:AAA$" + key + ":" + key,
            "SCRAM-SHA-256$4096:AAAA$" + key + ":AAAA",
            "SCRAM-SHA-256$4096:AAAA$AAAA:" + key,
            "SCRAM-SHA-256$4096:AAAA$" + key + ":" + key + ":" + key,
            "SCRAM-SHA-256$4096:AAAA$" + key + ":" + key + " ")) {
      assertThatThrownBy(() -> Secret.parse(broken))
          .as(broken)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageNotContaining("AAA");
    }
    String sound = "SCRAM-SHA-256$2147483647:AAAA$" + key + ":" + key;
    assertThat(Secret.parse(sound)).isInstanceOf(ScramVerifier.class);
  }

  @Test
  void aPasswordInTheClearIsCheckedAgainstAnyOfThem() {
    for (String text : List.of(PENCIL, MD5, "pencil")) {
      Secret secret = Secret.parse(text);
      assertThat(secret.admits("ann", "pencil")).as(text).isTrue();
      for (String wrong : List.of("", "Pencil", "pencil ", "penci", text + "x")) {
        assertThat(secret.admits("ann", wrong)).as("%s: %s", text, wrong).isFalse();
      }
    }
    assertThat(Secret.parse(MD5).admits("bob", "pencil")).isFalse();
  }

  @Test
  void whatIsStoredIsNotThePassword() {
    for (String text : List.of(PENCIL, MD5)) {
      assertThat(Secret.parse(text).admits("ann", text)).isFalse();
    }
  }

  @Test
  void anEmptyPasswordNeverAdmits() {
    assertThat(new PlainPassword("").admits("ann", "")).isFalse();
    assertThat(Md5Verifier.of("ann", "").admits("ann", "")).isFalse();
    ScramVerifier ofNothing = ScramKeys.derive("", new byte[] {1}, 1).verifier();
    assertThat(ofNothing.admits("ann", "")).isFalse();
  }

  @Test
  void noSecretShowsInItsText() {
    for (Object secret :
        List.of(
            Secret.parse(PENCIL),
            Secret.parse(MD5),
            Secret.parse("pencil"),
            ScramKeys.derive("pencil", new byte[] {1}, 1))) {
      assertThat(secret.toString()).doesNotContain("pencil", MD5.substring(3), "WG5d", "wfPL");
    }
  }

  @Test
  void theMd5ResponseIsTheHashOfHashAndSalt() {
    byte[] salt = {1, 2, 3, (byte) 0xff};
    Md5Verifier verifier = Md5Verifier.of("ann", "pencil");
    assertThat(verifier.hash()).isEqualTo(MD5);
    byte[] response = Md5Auth.response(verifier, salt);
    assertThat(response).hasSize(35);
    assertThat(Md5Auth.isRight(verifier, salt, response)).isTrue();
    assertThat(Md5Auth.isRight(verifier, new byte[] {1, 2, 3, 4}, response)).isFalse();
    assertThat(Md5Auth.isRight(Md5Verifier.of("bob", "pencil"), salt, response)).isFalse();
    assertThat(Md5Auth.isRight(verifier, salt, new byte[0])).isFalse();
    assertThat(Md5Auth.isRight(verifier, salt, MD5.getBytes(US_ASCII))).isFalse();
  }

  @Test
  void md5IsTheOneOfRfc1321() {
    byte[] abc = "abc".getBytes(US_ASCII);
    assertThat(Md5Auth.hex(abc, new byte[0])).isEqualTo("900150983cd24fb0d6963f7d28e17f72");
    assertThat(HexFormat.of().parseHex(MD5.substring(3))).hasSize(16);
  }

  private static byte[] ann() {
    return "ann".getBytes(US_ASCII);
  }
}
