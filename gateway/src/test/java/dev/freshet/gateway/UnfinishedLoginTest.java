package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/// Logins to a server that begin and never come to their end leave nothing behind.
class UnfinishedLoginTest {
  private static final byte[] OFFER = Say.message('R', "\0\0\0\nSCRAM-SHA-256\0\0");

  /// Many times, as a loop that ends has to be caught between two looks at its channels.
  @RepeatedTest(15)
  void leavesNothingWhenTheGatewayClosesInTheMiddle() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
      Gateway gateway = gateway(server);
      var _ = gateway.probe();
      try (Socket offering = offered(server)) {
        assertThat(offering.isConnected()).isTrue();
        gateway.close();
        // The gateway hangs up; nothing else is said.
        assertThat(offering.getInputStream().read()).isEqualTo(-1);
      }
    }
  }

  @Test
  void leavesNothingWhenTheServerHangsUpInTheMiddle() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 9, InetAddress.getLoopbackAddress());
        Gateway gateway = gateway(server)) {
      var probe = gateway.probe();
      offered(server).close();
      assertThat(probe.join().isReachable()).isFalse();
    }
  }

  @AfterAll
  static void losesNoBuffer() {
    assertThat(Leaks.found()).isEmpty();
  }

  private static Gateway gateway(ServerSocket server) {
    return Backstage.gateway(
        Backstage.config(
            Backstage.url(server.getLocalPort()),
            Backstage.pool(1, PoolMode.TRANSACTION, Duration.ofSeconds(30))));
  }

  /// A connection that has begun to log in, and has been asked for a proof and given the first
  /// part.
  private static Socket offered(ServerSocket server) throws IOException {
    Socket socket = server.accept();
    socket.setSoTimeout(20_000);
    DataInputStream in = new DataInputStream(socket.getInputStream());
    in.skipNBytes(in.readInt() - 4);
    socket.getOutputStream().write(OFFER);
    assertThat(in.read()).isEqualTo('p');
    in.skipNBytes(in.readInt() - 4);
    return socket;
  }
}
