package dev.freshet.pgwire;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The client's side of one SCRAM-SHA-256 or SCRAM-SHA-256-PLUS login (RFC 5802, RFC 7677): send
/// [#first] under the name of [#mechanism], answer with [#last], and trust the server only once
/// [#verify] has returned.
public final class ScramClient {
  /// More than this from a server is a way to keep us busy.
  public static final int MAX_ITERATIONS = 1_000_000;

  private enum State {
    NEW,
    BEGUN,
    PROVED,
    OVER
  }

  /// Where the keys come from once the server has said for which salt.
  private interface KeySource {
    ScramKeys keys(byte[] salt, int iterations) throws LoginRefused;
  }

  private final KeySource source;
  private final String header;
  private final byte[] binding;
  private final boolean isPlus;
  private final String nonce;
  private final String firstBare;
  private State state = State.NEW;
  private @Nullable ScramKeys keys;
  private byte[] serverSignature = new byte[0];

  private ScramClient(
      String user,
      KeySource source,
      List<String> offered,
      byte @Nullable [] certificateHash,
      String nonce)
      throws LoginRefused {
    this.source = source;
    this.nonce = nonce;
    isPlus = certificateHash != null && offered.contains(Scram.PLUS);
    if (!isPlus && !offered.contains(Scram.PLAIN)) {
      throw LoginRefused.malformed("the server offers no SASL mechanism that can be used here");
    }
    // "y" tells a server that did offer -PLUS that somebody in between has taken it out.
    String flag = isPlus ? "p=" + Scram.BINDING : certificateHash == null ? "n" : "y";
    header = flag + ",,";
    binding = isPlus && certificateHash != null ? certificateHash.clone() : new byte[0];
    firstBare = "n=" + ScramAttributes.escape(user) + ",r=" + nonce;
  }

  /// Logs in with a password.
  ///
  /// @param user empty is usual: PostgreSQL goes by the startup message
  /// @param offered the server's mechanisms
  /// @param certificateHash see [CertificateHash]; null without TLS
  /// @throws LoginRefused when there is no password, or no mechanism to use
  public static ScramClient withPassword(
      String user,
      String password,
      List<String> offered,
      byte @Nullable [] certificateHash,
      SecureRandom random)
      throws LoginRefused {
    return withPassword(user, password, offered, certificateHash, Scram.nonce(random));
  }

  static ScramClient withPassword(
      String user,
      String password,
      List<String> offered,
      byte @Nullable [] certificateHash,
      String nonce)
      throws LoginRefused {
    if (password.isEmpty()) {
      throw LoginRefused.password("the server asks for a password and there is none");
    }
    return new ScramClient(
        user,
        (salt, iterations) -> ScramKeys.derive(password, salt, iterations),
        offered,
        certificateHash,
        nonce);
  }

  /// Logs in with keys, which is quick, and possible as long as the server's verifier is theirs.
  public static ScramClient withKeys(
      String user,
      ScramKeys keys,
      List<String> offered,
      byte @Nullable [] certificateHash,
      SecureRandom random)
      throws LoginRefused {
    return new ScramClient(
        user,
        (salt, iterations) -> {
          if (!keys.verifier().isAskedWith(salt, iterations)) {
            throw LoginRefused.password("the server has another verifier than these keys are for");
          }
          return keys;
        },
        offered,
        certificateHash,
        Scram.nonce(random));
  }

  /// The mechanism to name in `SASLInitialResponse`.
  public String mechanism() {
    return isPlus ? Scram.PLUS : Scram.PLAIN;
  }

  /// The message of `SASLInitialResponse`.
  public byte[] first() {
    enter(State.NEW, State.BEGUN);
    return Scram.utf8(header + firstBare);
  }

  /// The message of `SASLResponse`. With a password this takes milliseconds at 4096 iterations, and
  /// a second or so at [#MAX_ITERATIONS]: not on an event loop.
  ///
  /// @param serverFirst of `AuthenticationSASLContinue`
  public byte[] last(byte[] serverFirst) throws LoginRefused {
    enter(State.BEGUN, State.PROVED);
    String text = ScramAttributes.decode(serverFirst);
    ScramAttributes attributes = new ScramAttributes(text, 0);
    String bothNonces = attributes.take('r');
    byte[] salt = Scram.fromBase64(attributes.take('s'));
    int iterations = iterations(attributes.take('i'));
    attributes.skipRest();
    if (!ScramAttributes.isNonce(bothNonces)
        || !bothNonces.startsWith(nonce)
        || bothNonces.length() == nonce.length()) {
      throw LoginRefused.unproven("the server's SCRAM nonce does not begin with ours");
    }
    if (salt == null || salt.length == 0) {
      throw LoginRefused.malformed("the server's SCRAM salt is empty or not base64");
    }
    ScramKeys mine = source.keys(salt, iterations);
    String withoutProof = "c=" + Scram.base64(boundHeader()) + ",r=" + bothNonces;
    String authMessage = firstBare + "," + text + "," + withoutProof;
    keys = mine;
    serverSignature = mine.verifier().serverSignature(authMessage);
    return Scram.utf8(withoutProof + ",p=" + Scram.base64(mine.proof(authMessage)));
  }

  /// Returns if the server has proved that it holds the verifier.
  ///
  /// @param serverFinal of `AuthenticationSASLFinal`
  /// @return keys for the next login, without the cost of deriving them
  public ScramKeys verify(byte[] serverFinal) throws LoginRefused {
    enter(State.PROVED, State.OVER);
    ScramAttributes attributes = new ScramAttributes(ScramAttributes.decode(serverFinal), 0);
    if (attributes.isNext('e')) {
      throw LoginRefused.password("the server refused the login");
    }
    byte[] signature = Scram.fromBase64(attributes.take('v'));
    attributes.skipRest();
    ScramKeys proved = keys;
    if (signature == null || proved == null || !MessageDigest.isEqual(signature, serverSignature)) {
      throw LoginRefused.unproven("the server could not prove that it knows the password");
    }
    return proved;
  }

  private void enter(State from, State to) {
    if (state != from) {
      throw new IllegalStateException("a login is walked through once, first to verify");
    }
    state = to;
  }

  private static int iterations(String digits) throws LoginRefused {
    boolean isNumber =
        !digits.isEmpty()
            && digits.length() <= 7
            && digits.charAt(0) != '0'
            && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!isNumber || Integer.parseInt(digits) > MAX_ITERATIONS) {
      throw LoginRefused.malformed("the server's SCRAM iterations are not 1 to " + MAX_ITERATIONS);
    }
    return Integer.parseInt(digits);
  }

  private byte[] boundHeader() {
    byte[] gs2 = Scram.utf8(header);
    byte[] out = new byte[gs2.length + binding.length];
    System.arraycopy(gs2, 0, out, 0, gs2.length);
    System.arraycopy(binding, 0, out, gs2.length, binding.length);
    return out;
  }
}
