package dev.freshet.pgwire;

import com.ongres.saslprep.SASLprep;
import com.ongres.stringprep.Option;
import com.ongres.stringprep.Profile;
import java.text.Normalizer;
import java.util.EnumSet;
import java.util.Set;

/// A password as it goes into SCRAM: RFC 4013's SASLprep the way PostgreSQL's server and libpq do
/// it, which differs from the RFC in three ways that decide whether a login works.
///
/// - What is prohibited or unassigned is looked for before the normalization, not after it.
/// - A zero width space becomes a space; the RFC leaves open whether it becomes nothing.
/// - A password that can't be prepared is used as it is.
final class SaslPrep implements Profile {
  private static final SaslPrep AS_POSTGRES = new SaslPrep();
  private static final char ZERO_WIDTH_SPACE = '\u200b';

  private final SASLprep asInTheRfc = new SASLprep();
  private final Set<Option> options;

  private SaslPrep() {
    options = EnumSet.copyOf(asInTheRfc.profile());
    options.remove(Option.NORMALIZE_KC);
  }

  static String prepare(String password) {
    if (password.chars().allMatch(c -> c < 0x80)) {
      return password;
    }
    try {
      String mapped = AS_POSTGRES.prepareStored(password.replace(ZERO_WIDTH_SPACE, ' '));
      return Normalizer.normalize(mapped, Normalizer.Form.NFKC);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      // The library answers the latter when nothing is left of the password.
      return password;
    }
  }

  @Override
  public Set<Option> profile() {
    return options;
  }

  @Override
  public int[] additionalMappingTable(int codePoint) {
    return asInTheRfc.additionalMappingTable(codePoint);
  }
}
