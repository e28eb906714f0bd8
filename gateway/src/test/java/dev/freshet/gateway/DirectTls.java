package dev.freshet.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/// A client that begins with TLS at once.
final class DirectTls {
  private DirectTls() {}

  /// The tag of what the gateway says first after a startup packet; `!` when it hangs up.
  ///
  /// @param protocols offered by ALPN
  static char firstAnswer(int port, String... protocols)
      throws IOException, GeneralSecurityException {
    try (SSLSocket socket =
        (SSLSocket) trusting().getSocketFactory().createSocket("127.0.0.1", port)) {
      socket.setSoTimeout(20_000);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(protocols);
      socket.setSSLParameters(parameters);
      socket.getOutputStream().write(Say.startup("user", "app", "database", "shop"));
      int tag = socket.getInputStream().read();
      return tag < 0 ? '!' : (char) tag;
    } catch (SSLException e) {
      return '!';
    }
  }

  private static SSLContext trusting() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (InputStream in = Files.newInputStream(Backstage.CERTIFICATE.certificate())) {
      store.setCertificateEntry(
          "own", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext out = SSLContext.getInstance("TLS");
    out.init(null, trust.getTrustManagers(), null);
    return out;
  }
}
