package dev.freshet.gateway;

import dev.freshet.sql.Statement;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/// All texts that clients have prepared, each once, without the comments that tell requests apart.
/// Texts that nobody used for long are forgotten here; who still holds one goes on using it.
final class Statements {
  private static final int MAX = 20_000;

  private final Map<Key, SharedStatement> asSent = lru(MAX);
  private final Map<Key, SharedStatement> stripped = lru(MAX);
  private long made;

  private record Key(ByteBuffer sql, ByteBuffer types, Object scope) {}

  private static <K, V> Map<K, V> lru(int most) {
    return new LinkedHashMap<>(64, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > most;
      }
    };
  }

  /// @param sql without its NUL; kept
  /// @param types four octets a parameter; kept
  /// @param scope settings to share it under; anything else keeps it to whoever has that
  /// @param work told of what is read with comments around it
  SharedStatement of(byte[] sql, byte[] types, Object scope, SessionWork work) {
    if (!(scope instanceof SessionSettings)) {
      Reading reading = Reading.of(sql);
      work.said(sql, reading.statement());
      return new SharedStatement(++made, reading.statement().text(), types, reading, scope);
    }
    ByteBuffer typeKey = ByteBuffer.wrap(types);
    Key sent = new Key(ByteBuffer.wrap(sql), typeKey, scope);
    SharedStatement known = asSent.get(sent);
    if (known == null) {
      Statement read = Statement.read(sql, 0, sql.length);
      work.said(sql, read);
      byte[] text = read.text();
      Key key = new Key(ByteBuffer.wrap(text), typeKey, scope);
      known = stripped.get(key);
      if (known == null) {
        Reading reading = new Reading(read, Traits.of(text, read));
        known = new SharedStatement(++made, text, types, reading, scope);
        stripped.put(key, known);
      }
      if (text.length == sql.length) {
        asSent.put(sent, known);
      }
    }
    known.use();
    return known;
  }
}
