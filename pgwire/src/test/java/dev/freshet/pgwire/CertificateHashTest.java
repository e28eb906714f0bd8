package dev.freshet.pgwire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// RFC 5929, section 4.1, on certificates that the JDK makes.
class CertificateHashTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "RSA, SHA384withRSA, SHA-384",
    "RSA, RSASSA-PSS, SHA-384",
    "EC, SHA512withECDSA, SHA-512",
    "EC, SHA1withECDSA, SHA-256"
  })
  void hashesAsTheCertificateIsSignedButNeverWithWhatIsBroken(
      String key, String signature, String digest)
      throws IOException, InterruptedException, GeneralSecurityException {
    LoginCertificate made =
        new LoginCertificate(folder, "-keyalg", key, "-keysize", size(key), "-sigalg", signature);
    assertThat(CertificateHash.of(made.certificate()))
        .isEqualTo(MessageDigest.getInstance(digest).digest(made.certificate().getEncoded()));
  }

  @Test
  void aSignatureWithoutAHashBindsToNothing() throws IOException, InterruptedException {
    LoginCertificate made = new LoginCertificate(folder, "-keyalg", "Ed25519");
    assertThat(CertificateHash.of(made.certificate())).isNull();
  }

  /// The JDK signs RSASSA-PSS with SHA-384 for a key of this size.
  private static String size(String key) {
    return key.equals("RSA") ? "3072" : "256";
  }
}
