package dev.freshet.pgwire;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// A self-signed certificate with its key, made by the JDK's keytool.
final class LoginCertificate {
  private static final String PASSWORD = "changeit";
  private final KeyStore store;

  /// @param algorithms keytool's options for key and signature
  LoginCertificate(Path folder, String... algorithms) throws IOException, InterruptedException {
    Path file = Files.createTempFile(folder, "login", ".p12");
    Files.delete(file);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-genkeypair", "-alias", "login", "-dname", "CN=login.test"));
    command.addAll(List.of("-ext", "san=ip:127.0.0.1", "-validity", "2"));
    command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
    command.addAll(List.of("-keystore", file.toString()));
    command.addAll(List.of(algorithms));
    Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.waitFor() != 0) {
      throw new AssertionError("keytool failed: " + said);
    }
    try (InputStream in = Files.newInputStream(file)) {
      store = KeyStore.getInstance("PKCS12");
      store.load(in, PASSWORD.toCharArray());
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  X509Certificate certificate() {
    try {
      return (X509Certificate) store.getCertificate("login");
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  Path certificateFile(Path folder) throws IOException {
    try {
      return pem(folder.resolve("login.crt"), "CERTIFICATE", certificate().getEncoded());
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /// Readable by its owner only, as PostgreSQL insists.
  Path keyFile(Path folder) throws IOException {
    try {
      PrivateKey key = (PrivateKey) store.getKey("login", PASSWORD.toCharArray());
      Path file = pem(folder.resolve("login.key"), "PRIVATE KEY", key.getEncoded());
      return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /// For a server with this certificate.
  SSLContext server() {
    try {
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, PASSWORD.toCharArray());
      SSLContext out = SSLContext.getInstance("TLS");
      out.init(keys.getKeyManagers(), null, new SecureRandom());
      return out;
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static Path pem(Path file, String kind, byte[] content) throws IOException {
    String body =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(content);
    String text = "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n";
    return Files.writeString(file, text);
  }
}
