package dev.freshet.app;

import picocli.CommandLine.IVersionProvider;

/// What `--version` prints: the program's and Java's.
final class Version implements IVersionProvider {

  static String text() {
    String built = Version.class.getPackage().getImplementationVersion();
    return built == null ? "development" : built;
  }

  @Override
  public String[] getVersion() {
    return new String[] {"freshet " + text() + " (Java " + Runtime.version() + ")"};
  }
}
