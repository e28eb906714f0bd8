package dev.freshet.app;

import picocli.CommandLine.IVersionProvider;

/// What `--version` prints: the program's and Java's.
final class VersionLine implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {"freshet " + Version.text() + " (Java " + Runtime.version() + ")"};
  }
}
