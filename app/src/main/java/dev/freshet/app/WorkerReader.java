package dev.freshet.app;

import dev.freshet.assets.WorkerConfig;

/// Reads `service-worker`.
final class WorkerReader {
  private WorkerReader() {}

  static WorkerConfig read(Section root) {
    if (!root.isGroup("service-worker")) {
      return root.flag("service-worker", false) ? WorkerConfig.on() : WorkerConfig.off();
    }
    Section section = root.section("service-worker");
    WorkerConfig d = WorkerConfig.on();
    WorkerConfig out =
        new WorkerConfig(
            section.flag("enabled", true),
            section.read("offline", d.offline(), WorkerReader::path),
            section.number("max-entries", d.maxEntries(), 0),
            section.size("max-size", d.maxSize()),
            section.size("ahead", d.ahead()));
    section.end();
    return out;
  }

  private static String path(String text) {
    boolean isPath =
        text.startsWith("/") && !text.startsWith("//") && text.chars().allMatch(c -> c > ' ');
    if (!isPath) {
      throw new IllegalArgumentException("'" + text + "' is not a path of the site");
    }
    return text;
  }
}
