package dev.freshet.assets;

import dev.freshet.assets.BuildFailed.Complaint;
import dev.freshet.base.Trouble;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads what esbuild complains of.
final class Complaints {
  private static final Pattern HEAD = Pattern.compile("^\\S+ \\[(ERROR|WARNING)\\] (.*)$");
  private static final Pattern PLACE = Pattern.compile("^    (\\S.*:\\d+:\\d+):$");
  private static final Pattern UNRESOLVED = Pattern.compile("Could not resolve \"([^\"]+)\".*");
  private static final Pattern NO_LOADER =
      Pattern.compile("No loader is configured for \"(\\.\\w+)\" files.*");
  private static final Pattern NO_EXPORT = Pattern.compile("No matching export in .*");

  private Complaints() {}

  /// @param kind `ERROR` or `WARNING`
  static List<Complaint> read(String said, String kind) {
    List<Complaint> all = new ArrayList<>();
    List<String> lines = said.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      Matcher head = HEAD.matcher(lines.get(i));
      if (head.matches() && head.group(1).equals(kind)) {
        int end = i + 1;
        while (end < lines.size() && !HEAD.matcher(lines.get(end)).matches()) {
          end++;
        }
        all.add(complaint(head.group(2), lines.subList(i + 1, end)));
      }
    }
    return all;
  }

  private static Complaint complaint(String cause, List<String> below) {
    String place = "";
    String note = "";
    StringBuilder frame = new StringBuilder();
    for (String line : below) {
      Matcher at = PLACE.matcher(line);
      if (place.isEmpty() && at.matches()) {
        place = at.group(1);
      } else if (line.startsWith("      ") && note.isEmpty()) {
        frame.append(line.substring(4)).append('\n');
      } else if (note.isEmpty() && line.startsWith("  ") && !line.startsWith("    ")) {
        note = line.strip();
      }
    }
    String text = cause.endsWith(".") ? cause.substring(0, cause.length() - 1) : cause;
    return new Complaint(
        new Trouble(place.isEmpty() ? "esbuild" : place, text, remedy(cause, note)),
        frame.toString().stripTrailing());
  }

  private static String remedy(String cause, String note) {
    Matcher unresolved = UNRESOLVED.matcher(cause);
    if (unresolved.matches()) {
      String what = unresolved.group(1);
      if (what.startsWith("/")) {
        return "put the file into public/, or leave the URL to the app: --with=--external:" + what;
      }
      return what.startsWith(".")
          ? "correct the path, or add the file"
          : "install it (npm install " + packageOf(what) + "), or correct the name";
    }
    Matcher unloaded = NO_LOADER.matcher(cause);
    if (unloaded.matches()) {
      return UncompiledKinds.remedy(unloaded.group(1));
    }
    if (NO_EXPORT.matcher(cause).matches()) {
      return "export it there, or correct the name";
    }
    String plain = note.endsWith(".") ? note.substring(0, note.length() - 1) : note;
    return plain.isEmpty() ? "correct it there" : plain;
  }

  private static String packageOf(String specifier) {
    String[] parts = specifier.split("/", 3);
    return specifier.startsWith("@") && parts.length > 1 ? parts[0] + "/" + parts[1] : parts[0];
  }
}
