package dev.freshet.edge;

import dev.freshet.base.Trouble;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLException;

/// A listener's certificate: TLS 1.2 and 1.3, HTTP/2 offered by ALPN (RFC 7301). Read again on
/// reload, for new connections.
final class TlsContext {
  private volatile SslContext current;

  TlsContext(FrontConfig.Tls files) {
    this.current = read(files);
  }

  SslContext current() {
    return current;
  }

  /// Reads other files, or the same again; what is returned puts them to use. Throws
  /// [Trouble.Found] when they are no good.
  Runnable prepare(FrontConfig.Tls files) {
    SslContext fresh = read(files);
    return () -> current = fresh;
  }

  private static SslContext read(FrontConfig.Tls files) {
    readable("tls.certificate", files.certificate());
    readable("tls.key", files.key());
    try {
      return SslContextBuilder.forServer(files.certificate().toFile(), files.key().toFile())
          .protocols("TLSv1.3", "TLSv1.2")
          .applicationProtocolConfig(
              new ApplicationProtocolConfig(
                  ApplicationProtocolConfig.Protocol.ALPN,
                  ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                  ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                  ApplicationProtocolNames.HTTP_2,
                  ApplicationProtocolNames.HTTP_1_1))
          .build();
    } catch (SSLException | IllegalArgumentException e) {
      throw new Trouble.Found(
          new Trouble(
              "tls " + files.certificate(),
              "certificate and key can't be used (" + e.getMessage() + ")",
              "give a PEM chain, own certificate first, and its PKCS 8 key without a password"));
    }
  }

  private static void readable(String key, Path file) {
    if (!Files.isReadable(file)) {
      throw new Trouble.Found(
          new Trouble(key, file + " can't be read", "correct the path or the file's rights"));
    }
  }
}
