package dev.freshet.gateway;

import dev.freshet.sql.Catalog;
import dev.freshet.sql.SqlComment;
import dev.freshet.sql.Statement;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// All texts that clients have prepared, each once, without the comments that tell requests apart.
/// Texts that nobody used for long are forgotten here; who still holds one goes on using it.
///
/// So are all of them when something in the database is defined anew, by a client or, as far as
/// that is followed, by anybody; else when the server says of one that it has other columns now.
/// What the server has prepared goes on meaning the tables that it meant, with the columns they
/// had; who sends a text anew, and asks for no name to keep, would be told by the server what it
/// means now.
final class Statements {
  private final Supplier<@Nullable Catalog> definitions;
  private @Nullable Catalog defined;
  private final Texts asSent = new Texts();
  private final Texts stripped = new Texts();
  private long made;

  private @Nullable Heard last;

  /// @param definitions what is known of the database: another object where that is another
  Statements(Supplier<@Nullable Catalog> definitions) {
    this.definitions = definitions;
  }

  /// A text as it came, read.
  ///
  /// @param comment what stood around it
  @SuppressWarnings("ArrayRecordComponent")
  record Heard(byte[] sql, Statement statement, SqlComment comment) {
    /// What its comment asks for its results; mostly empty.
    String wish() {
      return ResultRules.wish(comment);
    }
  }

  /// A statement that somebody has prepared before.
  ///
  /// @param heard the text as it came, where there was something around it
  record Known(SharedStatement statement, @Nullable Heard heard) {}

  /// Reads a text; the same one twice in a row costs one look.
  Heard read(byte[] sql) {
    Heard before = last;
    if (before != null && Arrays.equals(before.sql(), sql)) {
      return before;
    }
    Statement statement = Statement.read(sql, 0, sql.length);
    Heard heard = new Heard(sql, statement, SqlComment.of(sql, 0, sql.length, statement));
    last = heard;
    return heard;
  }

  /// @param sql without its NUL; kept
  /// @param types four octets a parameter; kept
  /// @param scope settings to share it under; anything else keeps it to whoever has that
  /// @param work told of what is read with comments around it
  SharedStatement of(byte[] sql, byte[] types, Object scope, SessionWork work) {
    if (!(scope instanceof SessionSettings)) {
      return made(read(sql), types, scope, work);
    }
    keepUp();
    ByteBuffer typeKey = ByteBuffer.wrap(types);
    Texts.Key sent = new Texts.Key(ByteBuffer.wrap(sql), typeKey, scope, "");
    SharedStatement known = asSent.get(sent);
    if (known == null) {
      Heard heard = read(sql);
      work.said(heard);
      byte[] text = heard.statement().text();
      Texts.Key key = new Texts.Key(ByteBuffer.wrap(text), typeKey, scope, heard.wish());
      known = stripped.get(key);
      if (known == null) {
        known = made(heard, types, scope, work);
        stripped.put(key, known);
      }
      if (text.length == sql.length) {
        asSent.put(sent, known);
      }
    }
    known.use();
    return known;
  }

  private SharedStatement made(Heard heard, byte[] types, Object scope, SessionWork work) {
    work.said(heard);
    return new SharedStatement(++made, Reading.of(heard.statement()), types, scope, heard.wish());
  }

  /// As [#of], for what somebody has prepared before; null where nobody has.
  @Nullable Known known(byte[] sql, byte[] types, Object scope) {
    keepUp();
    ByteBuffer typeKey = ByteBuffer.wrap(types);
    SharedStatement sent = asSent.get(new Texts.Key(ByteBuffer.wrap(sql), typeKey, scope, ""));
    if (sent != null) {
      return new Known(sent, null);
    }
    Heard heard = read(sql);
    byte[] text = heard.statement().text();
    SharedStatement bare =
        stripped.get(new Texts.Key(ByteBuffer.wrap(text), typeKey, scope, heard.wish()));
    return bare == null ? null : new Known(bare, heard);
  }

  // Another object is what says that something was defined anew.
  @SuppressWarnings("ReferenceEquality")
  private void keepUp() {
    Catalog now = definitions.get();
    if (now != defined) {
      defined = now;
      forget();
    }
  }

  /// Who sends a text from now on has it prepared anew.
  void forget() {
    asSent.clear();
    stripped.clear();
  }

  /// Estimated octets of heap that texts take.
  long octets() {
    return asSent.octets() + stripped.octets();
  }
}
