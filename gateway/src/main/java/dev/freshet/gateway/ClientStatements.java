package dev.freshet.gateway;

import dev.freshet.pgwire.Frames;
import dev.freshet.pgwire.ProtocolFault;
import dev.freshet.pgwire.Tag;
import dev.freshet.sql.SqlComment;
import dev.freshet.sql.Statement;
import dev.freshet.sql.Verb;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What one client has prepared, by its own names, and which portal was made of what.
final class ClientStatements {
  private static final Pattern DEALLOCATE =
      Pattern.compile(
          "DEALLOCATE\\s+(?:PREPARE\\s+)?(?:\"(?<quoted>[^\"]+)\"|(?<plain>\\w+))",
          Pattern.CASE_INSENSITIVE);
  private static final byte[] NOTHING = {};
  private final int most;
  private final Map<String, SharedStatement> byName = new LinkedHashMap<>();
  private final Map<String, Reading> portals = new HashMap<>();
  private @Nullable Unshared unnamed;
  private @Nullable Reading unnamedPortal;
  private boolean isPortalMemorys;
  private byte[] spelled = NOTHING;
  private String lastName = "";

  ClientStatements(int most) {
    this.most = most;
  }

  /// The name there. Mostly it is that of the message before, which need not be made again.
  String name(ByteBuf in, int from, int to) {
    if (from == to) {
      return "";
    }
    if (!Octets.equal(spelled, in, from, to)) {
      spelled = Frames.octets(in, from, to);
      lastName = new String(spelled, StandardCharsets.UTF_8);
    }
    return lastName;
  }

  @Nullable SharedStatement get(String name) {
    return byName.get(name);
  }

  void put(String name, SharedStatement statement) {
    if (name.isEmpty()) {
      unnamed = null;
    }
    byName.put(name, statement);
    if (byName.size() > most) {
      // The server would keep them all until it has no memory left; the eldest is forgotten.
      byName.remove(byName.keySet().iterator().next());
    }
  }

  boolean remove(String name) {
    if (name.isEmpty()) {
      unnamed = null;
    }
    return byName.remove(name) != null;
  }

  void removeIf(String name, SharedStatement statement) {
    byName.remove(name, statement);
  }

  void clear() {
    byName.clear();
    unnamed = null;
  }

  @Nullable Unshared unnamed() {
    return unnamed;
  }

  void unnamed(Unshared mark) {
    unnamed = mark;
    byName.remove("");
  }

  /// What is prepared under a name, where it is known.
  @Nullable Statement statement(String name) {
    SharedStatement shared = byName.get(name);
    if (shared != null) {
      return shared.statement();
    }
    Unshared mark = unnamed;
    return name.isEmpty() && mark != null ? mark.reading().statement() : null;
  }

  /// The types declared for the parameters of a statement, four octets each.
  byte[] types(String name) {
    SharedStatement shared = byName.get(name);
    Unshared mark = unnamed;
    if (shared != null) {
      return shared.types();
    }
    return name.isEmpty() && mark != null ? mark.types() : NOTHING;
  }

  /// A portal was made of a statement.
  ///
  /// @return what that says, where it is known
  @Nullable Reading bound(String portal, String statement) {
    SharedStatement shared = byName.get(statement);
    Unshared mark = unnamed;
    Reading reading = null;
    if (shared != null) {
      reading = shared.reading();
    } else if (statement.isEmpty() && mark != null) {
      reading = mark.reading();
    }
    if (portal.isEmpty()) {
      unnamedPortal = reading;
      isPortalMemorys = false;
    } else if (reading == null || portals.size() >= most) {
      portals.remove(portal);
    } else {
      portals.put(portal, reading);
    }
    return reading;
  }

  /// The transaction has ended, and with it every portal.
  void over() {
    unnamedPortal = null;
    isPortalMemorys = false;
    if (!portals.isEmpty()) {
      portals.clear();
    }
  }

  @Nullable Reading ofPortal(String portal) {
    return portal.isEmpty() ? unnamedPortal : portals.get(portal);
  }

  /// The portal without a name was made and run in memory, within a transaction: the server's is
  /// another.
  void portalIsMemorys() {
    unnamedPortal = null;
    isPortalMemorys = true;
  }

  boolean isPortalMemorys() {
    return isPortalMemorys;
  }

  void closedPortal(String portal) {
    portals.remove(portal);
  }

  /// DEALLOCATE in SQL of something that was prepared by message: only we know it by that name.
  boolean answersDeallocate(Statement read, ClientSession client) {
    if (read.verb() != Verb.DEALLOCATE || read.count() != 1 || client.isPipelining()) {
      return false;
    }
    String text = new String(SqlComment.without(read.text()), StandardCharsets.UTF_8);
    Matcher m = DEALLOCATE.matcher(text);
    if (!m.matches()) {
      return false;
    }
    String plain = m.group("plain");
    String name = plain == null ? m.group("quoted") : plain.toLowerCase(Locale.ROOT);
    if (!remove(name)) {
      return false;
    }
    client.replies().complete("DEALLOCATE");
    return true;
  }

  /// A Parse with nothing but Sync behind it, of what one of the pool's connections has prepared.
  /// Who only prepares need not wait for those who hold all connections, and may wait for him:
  /// pgbench does nothing for its other clients until one has prepared.
  boolean answersParse(ByteBuf in, int at, int size, ClientSession client, Statements shared)
      throws ProtocolFault {
    int next = at + size;
    boolean isAlone =
        in.writerIndex() - next >= Frames.HEADER
            && in.getByte(next) == Tag.SYNC
            && Frames.size(in, next) == Frames.HEADER;
    Object scope = client.changes().scope();
    if (!isAlone || !client.mayPrepareAlone() || !(scope instanceof SessionSettings)) {
      return false;
    }
    int from = at + Frames.HEADER;
    int nameEnd = Frames.endOfString(in, from, next);
    int sqlEnd = Frames.endOfString(in, nameEnd + 1, next);
    String name = Frames.string(in, from, next);
    if (sqlEnd + 3 > next || (!name.isEmpty() && byName.containsKey(name))) {
      return false;
    }
    byte[] sql = Frames.octets(in, nameEnd + 1, sqlEnd);
    Statements.Known known = shared.known(sql, Frames.octets(in, sqlEnd + 3, next), scope);
    if (known == null
        || !client.pool().knows(known.statement())
        || !known.statement().traits().isPlain()) {
      return false;
    }
    if (known.heard() != null) {
      client.work().said(known.heard());
    }
    client.witness().prepares(name, sql, known.statement());
    put(name, known.statement());
    client.replies().parsed();
    in.skipBytes(size + Frames.HEADER);
    return true;
  }
}
