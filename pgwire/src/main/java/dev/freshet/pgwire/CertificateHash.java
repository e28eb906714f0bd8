package dev.freshet.pgwire;

import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.security.spec.PSSParameterSpec;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What `tls-server-end-point` binds a login to: the hash of the server's certificate (RFC 5929,
/// section 4.1).
public final class CertificateHash {
  private static final Pattern DIGEST = Pattern.compile("(MD5|SHA-?(?:1|224|256|384|512))WITH.*");

  private CertificateHash() {}

  /// Null for a signature without a hash function of its own (Ed25519): the RFC leaves that open
  /// and PostgreSQL fails at it, so log in, or let log in, as if there was no TLS.
  public static byte @Nullable [] of(X509Certificate certificate) {
    try {
      String digest = digest(certificate);
      return digest == null
          ? null
          : MessageDigest.getInstance(digest).digest(certificate.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("a certificate that can't be hashed", e);
    }
  }

  /// The signature's own, and SHA-256 in place of what is broken.
  private static @Nullable String digest(X509Certificate certificate)
      throws GeneralSecurityException {
    String name = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
    if (name.equals("RSASSA-PSS")) {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
      try {
        parameters.init(certificate.getSigAlgParams());
      } catch (IOException e) {
        throw new GeneralSecurityException(e);
      }
      return safe(parameters.getParameterSpec(PSSParameterSpec.class).getDigestAlgorithm());
    }
    Matcher signature = DIGEST.matcher(name);
    return signature.matches() ? safe(signature.group(1)) : null;
  }

  private static String safe(String digest) {
    String plain = digest.replace("-", "");
    return plain.equals("MD5") || plain.equals("SHA1")
        ? "SHA-256"
        : "SHA-" + plain.substring("SHA".length());
  }
}
