package dev.freshet.pgwire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.pgwire.ScramServer.Outcome.Denied;
import dev.freshet.pgwire.ScramServer.Outcome.Granted;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What neither side lets pass. Each test changes one thing about a login that is granted without
/// the change.
class ScramRefusalTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final byte[] HASH = Scram.hash(new byte[] {1});
  private static final byte[] OTHER = Scram.hash(new byte[] {2});
  private static final List<String> BOTH = List.of(Scram.PLUS, Scram.PLAIN);
  private static final List<String> UNBOUND = List.of(Scram.PLAIN);
  private static final ScramKeys KEYS = ScramKeys.derive("pencil", new byte[] {1, 2, 3}, 4);

  @Test
  void theLoginThatTheseTestsChangeIsGrantedAsItIs() throws LoginRefused {
    assertThat(serve(ScramRefusalTest::asIs, ScramRefusalTest::asIs)).isInstanceOf(Granted.class);
    relay(ScramRefusalTest::asIs, ScramRefusalTest::asIs);
  }

  @Test
  void aChangedProofIsDenied() throws LoginRefused {
    assertThat(serve(ScramRefusalTest::asIs, t -> flip(t, ",p="))).isInstanceOf(Denied.class);
  }

  @Test
  void aProofOfAnotherLoginIsDenied() throws LoginRefused {
    ScramClient before = client(UNBOUND, null);
    String old = text(before.last(server(null).first(before.first())));
    UnaryOperator<String> replay =
        last -> last.substring(0, last.indexOf(",p=")) + old.substring(old.indexOf(",p="));
    assertThat(serve(ScramRefusalTest::asIs, replay)).isInstanceOf(Denied.class);
  }

  @Test
  void aMessageChangedOnItsWayToTheServerIsDenied() throws LoginRefused {
    assertThat(serve(first -> first.replace("n=,", "n=mallory,"), ScramRefusalTest::asIs))
        .isInstanceOf(Denied.class);
    assertThat(serve(ScramRefusalTest::asIs, last -> last.replace(",p=", ",x=1,p=")))
        .isInstanceOf(Denied.class);
  }

  @Test
  void anotherNonceIsRefused() {
    refused("08P01", () -> serve(ScramRefusalTest::asIs, last -> flip(last, ",r=")));
    refused("08P01", () -> serve(ScramRefusalTest::asIs, last -> last.replace(",p=", "x,p=")));
    refused(
        "08P01", () -> serve(ScramRefusalTest::asIs, last -> last.replaceFirst(",r=[^,]+", ",r=")));
  }

  @Test
  void bindingToAnotherCertificateIsRefused() {
    refused(
        "28000",
        () -> {
          ScramClient client = client(BOTH, OTHER);
          ScramServer server = ScramServer.begin(Scram.PLUS, KEYS.verifier(), HASH, RANDOM);
          server.last(client.last(server.first(client.first())));
        });
    refused("28000", () -> serve(ScramRefusalTest::asIs, last -> last.replace("c=biws", "c=eSws")));
    refused(
        "28000", () -> serve(ScramRefusalTest::asIs, last -> last.replace("c=biws", "c=biwsAA==")));
    refused("28000", () -> serve(ScramRefusalTest::asIs, last -> last.replace("c=biws", "c=")));
  }

  @Test
  void takingTheBetterMechanismOutOfTheOfferIsNoticed() {
    refused(
        "28000",
        () -> {
          ScramClient toldLess = client(UNBOUND, HASH);
          ScramServer server =
              ScramServer.begin(toldLess.mechanism(), KEYS.verifier(), HASH, RANDOM);
          server.first(toldLess.first());
        });
    // Nor does it help to change the flag: the binding says what it was.
    refused(
        "28000",
        () -> {
          ScramClient toldLess = client(UNBOUND, HASH);
          ScramServer server =
              ScramServer.begin(toldLess.mechanism(), KEYS.verifier(), HASH, RANDOM);
          String first = text(toldLess.first()).replaceFirst("^y", "n");
          server.last(toldLess.last(server.first(first.getBytes(UTF_8))));
        });
  }

  @Test
  void aMechanismThatWasNotOfferedIsRefused() {
    for (String mechanism : List.of("", "SCRAM-SHA-1", "PLAIN", "scram-sha-256", Scram.PLUS)) {
      refused("08P01", () -> ScramServer.begin(mechanism, KEYS.verifier(), null, RANDOM));
    }
    refused("08P01", () -> client(List.of(Scram.PLUS), null));
    refused("08P01", () -> client(List.of("SCRAM-SHA-1", "OAUTHBEARER"), HASH));
    refused("08P01", () -> client(List.of(), HASH));
  }

  @Test
  void aFlagThatDoesNotFitTheMechanismIsRefused() {
    for (String flag : List.of("n", "y", "p=tls-unique", "p=", "p", "")) {
      refused("08P01", () -> begin(Scram.PLUS, flag + ",,n=,r=abc"));
    }
    for (String flag : List.of("p=tls-server-end-point", "N", "x", "", "nn")) {
      refused("08P01", () -> begin(Scram.PLAIN, flag + ",,n=,r=abc"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "n",
        "n,",
        "n,,",
        "n,,n=",
        "n,,n=,",
        "n,,n=,r",
        "n,,n=,r=",
        "n,,n=,r=a b",
        "n,,n=,r=é",
        "n,,n=,r=a\u0000b",
        "n,,r=abc,n=",
        "n,,n=,n=,r=abc",
        "n,,N=,r=abc",
        "n,,m=1,n=,r=abc",
        "n,,n=,r=abc,m=1",
        "n,,n=,r=abc,",
        "n,,n=,r=abc,,x=1",
        "n,,n=,r=abc,x",
        "n,,n=,r=abc,x=",
        "n,,n=,r=abc,1=1",
        "n,a=admin,n=,r=abc",
        "n,b,n=,r=abc",
        "n,,n=a=b,r=abc",
        "n,,n=a=,r=abc",
        "n,,n=a=2c,r=abc",
        "n,,n=a=3,r=abc",
        ",,n=,r=abc",
        "n=,r=abc"
      })
  void aMalformedFirstMessageIsRefused(String first) {
    refused("08P01", () -> begin(Scram.PLAIN, first));
  }

  @Test
  void whatIsLongOrNoTextIsRefused() throws LoginRefused {
    refused("08P01", () -> server(null).first(new byte[0]));
    refused("08P01", () -> server(null).first(bytes("n,,n=,r=a\u0080")));
    refused("08P01", () -> begin(Scram.PLAIN, "n,,n=,r=" + "x".repeat(1017)));
    begin(Scram.PLAIN, "n,,n=,r=" + "x".repeat(1016));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "c=biws,|",
        ",p=|,q=",
        ",p=|,p=1,p=",
        ",p=|,p",
        ",p=|,p= ",
        ",p=|,m=1,p=",
        ",p=|,,p=",
        ",p=|,p=AAAA",
        "=$|",
        "=$|=,",
        "=$|=,x=1",
        "=$|=AAAA",
        ",p=.*|",
        ",p=.*|,p=",
        ",p=.*|,p=AAAA"
      })
  void aMalformedLastMessageIsRefused(String pattern, @Nullable String with) {
    refused(
        "08P01",
        () ->
            serve(
                ScramRefusalTest::asIs,
                last -> last.replaceFirst(pattern, with == null ? "" : with)));
  }

  @Test
  void aServerThatDoesNotHoldTheVerifierIsRefused() {
    refused("28000", () -> relay(ScramRefusalTest::asIs, last -> flip(last, "v=")));
    // A StoredKey, stolen or made up, lets in; only the ServerKey proves.
    ScramVerifier half =
        new ScramVerifier(KEYS.verifier().salt(), 4, Scram.hash(KEYS.clientKey()), OTHER);
    refused(
        "28000",
        () -> {
          ScramClient client = client(UNBOUND, null);
          ScramServer server = ScramServer.begin(Scram.PLAIN, half, null, RANDOM);
          byte[] last = client.last(server.first(client.first()));
          Granted granted = (Granted) server.last(last);
          client.verify(granted.message());
        });
  }

  @Test
  void aServerThatSkipsItsProofIsRefused() {
    refused("08P01", () -> relay(ScramRefusalTest::asIs, last -> ""));
    refused("08P01", () -> relay(ScramRefusalTest::asIs, last -> "x=1"));
    refused("08P01", () -> relay(ScramRefusalTest::asIs, last -> "v"));
    refused("28000", () -> relay(ScramRefusalTest::asIs, last -> "v="));
    refused(
        "28000", () -> relay(ScramRefusalTest::asIs, last -> last.substring(0, last.length() - 1)));
    refused("28P01", () -> relay(ScramRefusalTest::asIs, last -> "e=invalid-proof"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      quoteCharacter = '"',
      value = {
        "28000|^r=.|r=",
        "28000|^r=[^,]*|r=",
        "28000|^r=[^,]*|r=abc",
        "28000|^r=([^,]{24})[^,]*|r=$1",
        "28000|^r=|r= ",
        "08P01|^|m=1,",
        "08P01|^r=[^,]*,|",
        "08P01|s=|S=",
        "08P01|s=[^,]*|s=",
        "08P01|s=[^,]*|s=A",
        "08P01|s=[^,]*|s=!!!!",
        "08P01|,i=.*|",
        "08P01|i=.*|i=",
        "08P01|i=.*|i=0",
        "08P01|i=.*|i=-1",
        "08P01|i=.*|i=04",
        "08P01|i=.*|i=x",
        "08P01|i=.*|i=1000001",
        "08P01|i=.*|i=9999999999",
        "08P01|$|,",
        "08P01|$|,m=1"
      })
  void aMalformedChallengeIsRefused(String state, String pattern, @Nullable String with) {
    refused(
        state,
        () ->
            relay(
                text -> text.replaceFirst(pattern, with == null ? "" : with),
                ScramRefusalTest::asIs));
  }

  @Test
  void aChallengeChangedOnItsWayIsDenied() throws LoginRefused {
    for (String pattern : List.of("i=4", "s=AQID", "$")) {
      String with = pattern.equals("i=4") ? "i=5" : pattern.equals("$") ? ",x=1" : "s=AQIE";
      ScramClient client = client(UNBOUND, null);
      ScramServer server = server(null);
      String challenge = text(server.first(client.first())).replaceFirst(pattern, with);
      assertThat(server.last(client.last(challenge.getBytes(UTF_8)))).isInstanceOf(Denied.class);
    }
  }

  @Test
  void withoutAPasswordNothingIsSent() {
    refused("28P01", () -> ScramClient.withPassword("", "", UNBOUND, null, RANDOM));
  }

  private static void refused(String state, ThrowingCallable login) {
    assertThatThrownBy(login)
        .isInstanceOfSatisfying(LoginRefused.class, e -> assertThat(e.sqlState()).isEqualTo(state));
  }

  private static void begin(String mechanism, String first) throws LoginRefused {
    byte[] hash = mechanism.equals(Scram.PLUS) ? HASH : null;
    ScramServer.begin(mechanism, KEYS.verifier(), hash, RANDOM).first(first.getBytes(UTF_8));
  }

  /// A login whose client messages somebody changes.
  private static ScramServer.Outcome serve(UnaryOperator<String> first, UnaryOperator<String> last)
      throws LoginRefused {
    ScramClient client = client(UNBOUND, null);
    ScramServer server = server(null);
    byte[] challenge = server.first(first.apply(text(client.first())).getBytes(UTF_8));
    return server.last(last.apply(text(client.last(challenge))).getBytes(UTF_8));
  }

  /// A login whose server messages somebody changes.
  private static void relay(UnaryOperator<String> challenge, UnaryOperator<String> proof)
      throws LoginRefused {
    ScramClient client = client(UNBOUND, null);
    ScramServer server = server(null);
    String asked = challenge.apply(text(server.first(client.first())));
    Granted granted = (Granted) server.last(client.last(asked.getBytes(UTF_8)));
    client.verify(proof.apply(text(granted.message())).getBytes(UTF_8));
  }

  private static ScramClient client(List<String> offered, byte @Nullable [] hash)
      throws LoginRefused {
    return ScramClient.withPassword("", "pencil", offered, hash, RANDOM);
  }

  private static ScramServer server(byte @Nullable [] hash) throws LoginRefused {
    return ScramServer.begin(Scram.PLAIN, KEYS.verifier(), hash, RANDOM);
  }

  private static String asIs(String message) {
    return message;
  }

  /// Another character where an attribute's value begins.
  private static String flip(String message, String attribute) {
    int at = message.indexOf(attribute) + attribute.length();
    char other = message.charAt(at) == 'A' ? 'B' : 'A';
    return message.substring(0, at) + other + message.substring(at + 1);
  }

  private static String text(byte[] message) {
    return new String(message, UTF_8);
  }

  private static byte[] bytes(String latin) {
    return latin.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
  }
}
