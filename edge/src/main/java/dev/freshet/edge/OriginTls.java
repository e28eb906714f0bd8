package dev.freshet.edge;

import dev.freshet.base.Trouble;
import io.netty.channel.Channel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.nio.file.Path;
import javax.net.ssl.SSLException;

/// TLS towards one origin: its name is sent (SNI) and, unless told otherwise, checked.
final class OriginTls {
  private final SslContext context;
  private final OriginUrl url;
  private final long handshakeMillis;

  /// Throws [Trouble.Found] when the file of authorities can't be used.
  ///
  /// @param protocol to be spoken, whatever the configuration says
  OriginTls(OriginConfig config, OriginUrl url, OriginConfig.Protocol protocol) {
    this.url = url;
    this.handshakeMillis = config.waits().connect().toMillis();
    SslContextBuilder builder = SslContextBuilder.forClient();
    if (protocol != OriginConfig.Protocol.HTTP1) {
      builder.applicationProtocolConfig(offer(protocol));
    }
    Path authorities = config.tls().authorities();
    try {
      if (!config.tls().verify()) {
        builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
        builder.endpointIdentificationAlgorithm(null);
      } else if (authorities != null) {
        builder.trustManager(authorities.toFile());
      }
      context = builder.build();
    } catch (SSLException | IllegalArgumentException e) {
      throw new Trouble.Found(
          new Trouble(
              "origin.tls.authorities",
              "can't be used: " + e.getMessage(),
              "name a readable file with PEM certificates"));
    }
  }

  private static ApplicationProtocolConfig offer(OriginConfig.Protocol protocol) {
    String[] names =
        protocol == OriginConfig.Protocol.H2
            ? new String[] {ApplicationProtocolNames.HTTP_2}
            : new String[] {ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1};
    return new ApplicationProtocolConfig(
        Protocol.ALPN,
        SelectorFailureBehavior.NO_ADVERTISE,
        SelectedListenerFailureBehavior.ACCEPT,
        names);
  }

  SslHandler handler(Channel channel) {
    SslHandler out =
        context.newHandler(channel.alloc(), url.address().host(), url.address().port());
    out.setHandshakeTimeoutMillis(Math.max(1, handshakeMillis));
    return out;
  }
}
