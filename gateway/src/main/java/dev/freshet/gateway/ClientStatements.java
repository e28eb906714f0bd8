package dev.freshet.gateway;

import dev.freshet.pgwire.Frames;
import dev.freshet.pgwire.ProtocolFault;
import dev.freshet.pgwire.Tag;
import dev.freshet.sql.Statement;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one client has prepared, by its own names, and which portal was made of what.
final class ClientStatements {
  private static final byte[] NOTHING = {};
  private final int most;
  private final Map<String, Called> byName = new LinkedHashMap<>();
  private final Nameless nameless = new Nameless();
  private final Unsettled unsettled = new Unsettled();
  private final Map<String, Reading> portals = new HashMap<>();
  private @Nullable Reading unnamedPortal;
  private boolean isPortalMemorys;
  private boolean isForgetting;
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

  /// What a name stands for, as far as that is known.
  @Nullable Preparation of(String name) {
    return name.isEmpty() ? nameless.now() : byName.get(name);
  }

  /// The same where it is prepared for all clients.
  @Nullable Called called(String name) {
    return of(name) instanceof Called called ? called : null;
  }

  @Nullable SharedStatement get(String name) {
    Called called = called(name);
    return called == null ? null : called.statement();
  }

  // ---- what is answered at once ----

  /// Prepared without asking the server.
  void put(String name, SharedStatement statement) {
    Called called = new Called(name, statement);
    if (name.isEmpty()) {
      nameless.is(called);
    } else {
      putBack(called);
    }
  }

  boolean remove(String name) {
    if (name.isEmpty()) {
      nameless.is(null);
      return true;
    }
    return byName.remove(name) != null;
  }

  // ---- what is on its way ----

  /// A Parse of it is sent, or would be.
  void prepares(Called called, ServerAnswers answers) {
    if (called.name().isEmpty()) {
      nameless.becomes(called, answers.round());
    } else {
      putBack(called);
      unsettled.said(called.name(), answers.round(), answers.rounds());
    }
  }

  /// A Parse without a name is sent, of what is nobody else's.
  void prepares(Unshared mark, ServerAnswers answers) {
    nameless.becomes(mark, answers.round());
  }

  /// A Close of it is sent, or would be.
  void closes(String name, ServerAnswers answers) {
    if (name.isEmpty()) {
      nameless.becomes(null, answers.round());
    } else if (byName.remove(name) != null) {
      unsettled.said(name, answers.round(), answers.rounds());
    }
  }

  /// A simple query is sent.
  void queries(ServerAnswers answers) {
    nameless.becomes(null, answers.round());
  }

  /// What a server connection has under no name may not be what it is taken for: something that was
  /// sent to that end may yet fail.
  void presents(ServerAnswers answers) {
    nameless.becomes(nameless.now(), answers.round());
  }

  /// Whether a statement must not be named before more is answered.
  boolean isOpen(String name, ServerAnswers answers) {
    nameless.settle(answers.rounds());
    return name.isEmpty() ? answers.isOpen(nameless.round()) : unsettled.isOpen(name, answers);
  }

  /// The server has answered what makes a name mean that, or nothing.
  void answered(String name, @Nullable Preparation what) {
    if (name.isEmpty()) {
      nameless.answered(what);
    }
  }

  void putBack(Called called) {
    if (called.name().isEmpty()) {
      return;
    }
    byName.put(called.name(), called);
    if (byName.size() > most) {
      // The server would keep them all until it has no memory left; the eldest is forgotten.
      byName.remove(byName.keySet().iterator().next());
    }
  }

  /// It came to nothing, also where it was bound meanwhile under other settings: see [#isNow].
  void removeIf(Called called) {
    Called now = byName.get(called.name());
    if (now != null && now.isSameAs(called)) {
      byName.remove(called.name());
    }
  }

  /// The same under other settings.
  void isNow(Called called) {
    if (called.name().isEmpty()) {
      nameless.isNow(called);
    } else {
      byName.replace(called.name(), called);
    }
  }

  /// A statement is sent.
  void runs(Traits traits) {
    isForgetting |= traits.forgets();
  }

  /// Whether all names may be gone, and the server has not said so yet: nobody can tell what a name
  /// means behind that.
  boolean areForgotten(ServerAnswers answers) {
    isForgetting &= answers.isBusy();
    return isForgetting;
  }

  /// All that has a name is gone.
  void clear() {
    byName.clear();
    isForgetting = false;
  }

  /// What is prepared under a name, where it is known.
  @Nullable Statement statement(String name) {
    Preparation known = of(name);
    return known == null ? null : known.reading().statement();
  }

  /// The types declared for the parameters of a statement, four octets each.
  byte[] types(String name) {
    Preparation known = of(name);
    return known == null ? NOTHING : known.types();
  }

  /// A portal was made of a statement.
  ///
  /// @return what that says, where it is known
  @Nullable Reading bound(String portal, String statement) {
    Preparation known = of(statement);
    Reading reading = known == null ? null : known.reading();
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

  /// The transaction has ended, and with it every portal; nothing is under way.
  void over() {
    nameless.settle();
    unsettled.over();
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
    String name = client.isQuiet() ? Deallocation.name(read) : null;
    if (name == null || !remove(name)) {
      return false;
    }
    nameless.is(null);
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
    if (sqlEnd + 3 > next || (!name.isEmpty() && of(name) != null)) {
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
