package dev.freshet.pgwire;

import dev.freshet.pgwire.LoginWire.Message;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Logins over a [LoginWire], from the client's side.
final class Logins {
  private Logins() {}

  /// Makes the client once the server has said what it offers.
  interface Begin {
    ScramClient client(List<String> offered, byte @Nullable [] certificateHash) throws LoginRefused;
  }

  /// From the server's offer up to and including its consent.
  static ScramKeys scram(LoginWire wire, Message offer, Begin begin)
      throws IOException, LoginRefused {
    expect(offer, LoginWire.SASL);
    ScramClient client = begin.client(offer.strings(), wire.certificateHash());
    wire.respondFirst(client.mechanism(), client.first());
    Message challenge = wire.read();
    expect(challenge, LoginWire.SASL_CONTINUE);
    wire.write('p', client.last(challenge.rest()));
    Message proof = wire.read();
    expect(proof, LoginWire.SASL_FINAL);
    ScramKeys keys = client.verify(proof.rest());
    expect(wire.read(), LoginWire.OK);
    return keys;
  }

  static void expect(Message message, int code) throws IOException {
    int is = LoginWire.code(message);
    if (is != code) {
      throw new AssertionError("the server asked for " + is + ", not " + code);
    }
  }
}
