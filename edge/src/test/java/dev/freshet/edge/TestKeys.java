package dev.freshet.edge;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;

/// A self-signed key for 127.0.0.1 and `origin.test`, made by the JDK's keytool.
final class TestKeys {
  private static final char[] PASSWORD = "changeit".toCharArray();
  private final KeyStore store;
  private final Path pem;

  /// @param folder where the files go
  TestKeys(Path folder) {
    Path file = folder.resolve("origin.p12");
    run(
        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
        "-genkeypair",
        "-alias",
        "origin",
        "-keyalg",
        "EC",
        "-groupname",
        "secp256r1",
        "-dname",
        "CN=origin.test",
        "-ext",
        "san=ip:127.0.0.1,dns:origin.test",
        "-validity",
        "2",
        "-storetype",
        "PKCS12",
        "-storepass",
        new String(PASSWORD),
        "-keystore",
        file.toString());
    try (InputStream in = Files.newInputStream(file)) {
      store = KeyStore.getInstance("PKCS12");
      store.load(in, PASSWORD);
      Certificate certificate = store.getCertificate("origin");
      String body =
          Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
              .encodeToString(certificate.getEncoded());
      pem =
          Files.writeString(
              folder.resolve("origin.pem"),
              "-----BEGIN CERTIFICATE-----\n" + body + "\n-----END CERTIFICATE-----\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static void run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new AssertionError("keytool failed: " + said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /// The certificate, as a file of authorities.
  Path pem() {
    return pem;
  }

  KeyManagerFactory keys() {
    try {
      KeyManagerFactory out =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      out.init(store, PASSWORD);
      return out;
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }
}
