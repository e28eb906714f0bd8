package dev.freshet.gateway;

import dev.freshet.base.Trouble;
import dev.freshet.pgwire.CertificateHash;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// TLS on both sides.
///
/// @param certificateHash of what clients are shown, for channel binding
@SuppressWarnings("ArrayRecordComponent")
record GatewayTls(
    @Nullable SslContext forClients,
    @Nullable SslContext forServer,
    byte @Nullable [] certificateHash) {

  /// What PostgreSQL's protocol is called in ALPN.
  static final String PROTOCOL = "postgresql";

  /// Who offers only other protocols means another server (the ALPACA attack): it is refused.
  private static final ApplicationProtocolConfig ALPN =
      new ApplicationProtocolConfig(
          ApplicationProtocolConfig.Protocol.ALPN,
          ApplicationProtocolConfig.SelectorFailureBehavior.FATAL_ALERT,
          ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
          PROTOCOL);

  private static final ApplicationProtocolConfig ASK =
      new ApplicationProtocolConfig(
          ApplicationProtocolConfig.Protocol.ALPN,
          ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
          ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
          PROTOCOL);

  static GatewayTls of(GatewayConfig config) {
    SslContext forServer = forServer(config.database().sslMode());
    GatewayConfig.Tls files = config.tls();
    if (files == null) {
      return new GatewayTls(null, forServer, null);
    }
    try (InputStream in = Files.newInputStream(files.certificate())) {
      SslContext forClients =
          SslContextBuilder.forServer(files.certificate().toFile(), files.key().toFile())
              .applicationProtocolConfig(ALPN)
              .build();
      X509Certificate own =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
      return new GatewayTls(forClients, forServer, CertificateHash.of(own));
    } catch (IOException | CertificateException | IllegalArgumentException e) {
      throw new Trouble.Found(
          new Trouble(
              "gateway.tls " + files.certificate(),
              "certificate and key can't be used (" + e.getMessage() + ")",
              "give a PEM chain and its PKCS#8 key"));
    }
  }

  private static @Nullable SslContext forServer(DatabaseUrl.SslMode mode) {
    try {
      return switch (mode) {
        case DISABLE -> null;
        case PREFER, REQUIRE ->
            client()
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .endpointIdentificationAlgorithm("")
                .build();
        case VERIFY_CA -> client().endpointIdentificationAlgorithm("").build();
        case VERIFY_FULL -> client().build();
      };
    } catch (SSLException e) {
      throw new IllegalStateException("this Java can't do TLS", e);
    }
  }

  private static SslContextBuilder client() {
    return SslContextBuilder.forClient().applicationProtocolConfig(ASK);
  }
}
