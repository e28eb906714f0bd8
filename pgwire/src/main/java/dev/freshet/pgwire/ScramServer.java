package dev.freshet.pgwire;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The server's side of one SCRAM-SHA-256 or SCRAM-SHA-256-PLUS login (RFC 5802, RFC 7677): call
/// [#first], then [#last], each once and with what the client sent.
///
/// The user is who the startup message says; PostgreSQL's clients leave SCRAM's own field empty or
/// write anything there, so it is checked for its form only. For a user there is no verifier for,
/// take one of [ScramDecoys]: this class can't tell the difference, and so can't the client.
public final class ScramServer {
  private enum State {
    NEW,
    ASKED,
    OVER
  }

  private final ScramVerifier verifier;
  private final boolean isPlus;
  private final byte @Nullable [] certificateHash;
  private final String serverNonce;
  private State state = State.NEW;
  private String userName = "";
  private String header = "";
  private String clientFirstBare = "";
  private String serverFirst = "";
  private String nonce = "";

  private ScramServer(
      ScramVerifier verifier,
      boolean isPlus,
      byte @Nullable [] certificateHash,
      String serverNonce) {
    this.verifier = verifier;
    this.isPlus = isPlus;
    this.certificateHash = certificateHash == null ? null : certificateHash.clone();
    this.serverNonce = serverNonce;
  }

  /// How a login ends that kept to the protocol.
  public sealed interface Outcome {
    /// The client knows the password.
    ///
    /// @param message for `AuthenticationSASLFinal`: the server's proof
    /// @param keys to log in elsewhere with the same verifier
    @SuppressWarnings("ArrayRecordComponent")
    record Granted(byte[] message, ScramKeys keys) implements Outcome {}

    /// It does not, or there is no such user.
    record Denied() implements Outcome {}
  }

  /// What to offer, the better one first.
  ///
  /// @param certificateHash see [CertificateHash]; null without TLS
  public static List<String> mechanisms(byte @Nullable [] certificateHash) {
    return certificateHash == null ? List.of(Scram.PLAIN) : List.of(Scram.PLUS, Scram.PLAIN);
  }

  /// @param mechanism the one that the client chose
  /// @param certificateHash as given to [#mechanisms]
  /// @throws LoginRefused when it was not offered
  public static ScramServer begin(
      String mechanism,
      ScramVerifier verifier,
      byte @Nullable [] certificateHash,
      SecureRandom random)
      throws LoginRefused {
    return begin(mechanism, verifier, certificateHash, Scram.nonce(random));
  }

  static ScramServer begin(
      String mechanism, ScramVerifier verifier, byte @Nullable [] certificateHash, String nonce)
      throws LoginRefused {
    if (!mechanisms(certificateHash).contains(mechanism)) {
      throw LoginRefused.malformed("a SASL mechanism that was not offered");
    }
    return new ScramServer(verifier, mechanism.equals(Scram.PLUS), certificateHash, nonce);
  }

  /// Takes the client's first message and answers it, for `AuthenticationSASLContinue`.
  public byte[] first(byte[] clientFirst) throws LoginRefused {
    enter(State.NEW, State.ASKED);
    String text = ScramAttributes.decode(clientFirst);
    int bare = afterHeader(text);
    header = text.substring(0, bare);
    clientFirstBare = text.substring(bare);
    ScramAttributes attributes = new ScramAttributes(text, bare);
    userName = ScramAttributes.unescape(attributes.take('n'));
    String clientNonce = attributes.take('r');
    attributes.skipRest();
    if (!ScramAttributes.isNonce(clientNonce)) {
      throw LoginRefused.malformed("a SCRAM nonce that is empty or not printable");
    }
    nonce = clientNonce + serverNonce;
    serverFirst =
        "r=" + nonce + ",s=" + Scram.base64(verifier.salt()) + ",i=" + verifier.iterations();
    return Scram.utf8(serverFirst);
  }

  /// Who the client says to be within SCRAM; PostgreSQL's clients say nothing of use there.
  public String userName() {
    return userName;
  }

  /// Checks the client's last message: its binding, its nonce, then its proof.
  public Outcome last(byte[] clientFinal) throws LoginRefused {
    enter(State.ASKED, State.OVER);
    String text = ScramAttributes.decode(clientFinal);
    ScramAttributes attributes = new ScramAttributes(text, 0);
    String binding = attributes.take('c');
    String sentNonce = attributes.take('r');
    while (attributes.hasMore() && !attributes.isNext('p')) {
      attributes.skipOne();
    }
    int proofAt = attributes.at();
    byte[] proof = Scram.fromBase64(attributes.take('p'));
    if (attributes.hasMore() || proof == null || proof.length != Scram.KEY) {
      throw LoginRefused.malformed("a SCRAM proof that is none, or not at the end");
    }
    if (!isSame(binding, Scram.base64(binding()))) {
      throw LoginRefused.unproven("SCRAM channel binding check failed");
    }
    if (!isSame(sentNonce, nonce)) {
      throw LoginRefused.malformed("a SCRAM nonce that is not the one of this login");
    }
    String authMessage = clientFirstBare + "," + serverFirst + "," + text.substring(0, proofAt - 1);
    byte[] clientKey = Scram.xor(proof, verifier.clientSignature(authMessage));
    if (!verifier.admits(clientKey)) {
      return new Outcome.Denied();
    }
    String message = "v=" + Scram.base64(verifier.serverSignature(authMessage));
    return new Outcome.Granted(Scram.utf8(message), ScramKeys.of(clientKey, verifier));
  }

  private void enter(State from, State to) {
    if (state != from) {
      throw new IllegalStateException("a login is walked through once, first and last");
    }
    state = to;
  }

  /// Where the message proper begins, behind the GS2 header (RFC 5802, section 7).
  private int afterHeader(String text) throws LoginRefused {
    int flagEnd = text.indexOf(',');
    int end = text.indexOf(',', flagEnd + 1);
    if (flagEnd < 0 || end < 0) {
      throw LoginRefused.malformed("a SCRAM message without its GS2 header");
    }
    String flag = text.substring(0, flagEnd);
    if (isPlus) {
      if (!flag.equals("p=" + Scram.BINDING)) {
        throw LoginRefused.malformed(Scram.PLUS + " without binding to " + Scram.BINDING);
      }
    } else if (flag.equals("y")) {
      if (certificateHash != null) {
        // Somebody between us took -PLUS out of the offer (RFC 5802, section 6).
        throw LoginRefused.unproven(
            "the client supports SCRAM channel binding and was told that the server does not");
      }
    } else if (!flag.equals("n")) {
      throw LoginRefused.malformed("a SCRAM channel binding flag that does not fit the mechanism");
    }
    if (end > flagEnd + 1) {
      throw LoginRefused.malformed("a SCRAM authorization identity, which is not supported");
    }
    return end + 1;
  }

  private byte[] binding() {
    byte[] gs2 = Scram.utf8(header);
    byte[] hash = certificateHash;
    if (!isPlus || hash == null) {
      return gs2;
    }
    byte[] out = new byte[gs2.length + hash.length];
    System.arraycopy(gs2, 0, out, 0, gs2.length);
    System.arraycopy(hash, 0, out, gs2.length, hash.length);
    return out;
  }

  private static boolean isSame(String a, String b) {
    return MessageDigest.isEqual(Scram.utf8(a), Scram.utf8(b));
  }
}
