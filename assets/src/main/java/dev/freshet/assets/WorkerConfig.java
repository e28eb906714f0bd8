package dev.freshet.assets;

import dev.freshet.base.ByteSize;

/// What the service worker in browsers may do.
///
/// @param isOn false takes it out of every browser that has it
/// @param offline path of the page that is shown while the site can't be reached
/// @param maxEntries static assets that a browser keeps
/// @param maxSize octets of these; answers made from rows may have a quarter of that besides
/// @param ahead octets of scripts, styles and fonts that are fetched before a page needs them
public record WorkerConfig(
    boolean isOn, String offline, int maxEntries, ByteSize maxSize, ByteSize ahead) {
  /// The one that comes with the program.
  public static final String OFFLINE = "/.freshet/offline";

  /// No worker.
  public static WorkerConfig off() {
    return new WorkerConfig(
        false,
        OFFLINE,
        300,
        // Several times what a site ships, and little of what browsers give it.
        new ByteSize(20L << 20),
        new ByteSize(2L << 20));
  }

  /// With all else by default.
  public static WorkerConfig on() {
    WorkerConfig d = off();
    return new WorkerConfig(true, d.offline, d.maxEntries, d.maxSize, d.ahead);
  }
}
