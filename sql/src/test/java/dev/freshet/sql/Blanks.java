package dev.freshet.sql;

import java.nio.charset.StandardCharsets;

/// Texts of the same fingerprint.
final class Blanks {
  private Blanks() {}

  /// The text with other constants in the place of its own.
  static String filled(String sql) {
    Statement read = Statement.read(sql);
    byte[] text = read.text();
    StringBuilder out = new StringBuilder();
    int from = 0;
    for (int slot = 0; slot < read.slots().count(); slot++) {
      int at = read.slots().from(slot);
      out.append(new String(text, from, at - from, StandardCharsets.UTF_8));
      out.append(text[at] == '(' ? "(7, 8)" : "7");
      from = read.slots().to(slot);
    }
    return out + new String(text, from, text.length - from, StandardCharsets.UTF_8);
  }
}
