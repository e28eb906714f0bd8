package dev.freshet.app;

/// The program's version.
final class Version {
  private Version() {}

  static String text() {
    String built = Version.class.getPackage().getImplementationVersion();
    return built == null ? "development" : built;
  }
}
