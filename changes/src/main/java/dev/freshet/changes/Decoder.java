package dev.freshet.changes;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Reads one message of pgoutput. Whatever its octets are, it gives a message or throws [Fault].
final class Decoder {
  private final byte[] message;
  private int at;

  /// The message is none that PostgreSQL 13 to 18 sends.
  static final class Fault extends Exception {
    private static final long serialVersionUID = 1L;

    Fault(String what) {
      super(what);
    }
  }

  private Decoder(byte[] message, int from) {
    this.message = message;
    this.at = from;
  }

  /// @param from where pgoutput's message starts in the octets
  static LogMessage decode(byte[] octets, int from) throws Fault {
    Decoder decoder = new Decoder(octets, from);
    LogMessage read = decoder.message();
    if (decoder.at != octets.length && !(read instanceof LogMessage.Other)) {
      throw new Fault(octets.length - decoder.at + " octets too many");
    }
    return read;
  }

  private LogMessage message() throws Fault {
    int kind = octet();
    return switch (kind) {
      case 'B' -> begin();
      case 'C' -> commit();
      case 'R' -> relation();
      case 'I' -> insert();
      case 'U' -> update();
      case 'D' -> delete();
      case 'T' -> truncate();
      case 'M' -> note();
      case 'O', 'Y' -> new LogMessage.Other();
      default -> throw new Fault("a message of the unknown kind " + kind);
    };
  }

  private LogMessage begin() throws Fault {
    long commit = int64();
    int64();
    return new LogMessage.Begin(commit, int32());
  }

  private LogMessage commit() throws Fault {
    octet();
    LogMessage.Commit read = new LogMessage.Commit(int64(), int64());
    int64();
    return read;
  }

  private LogMessage relation() throws Fault {
    long oid = oid();
    String schema = string();
    // An empty name stands for pg_catalog.
    schema = schema.isEmpty() ? "pg_catalog" : schema;
    String name = string();
    char identity = (char) octet();
    int count = int16();
    List<LogMessage.Column> columns = new ArrayList<>(Math.min(count, 64));
    for (int i = 0; i < count; i++) {
      boolean isKey = (octet() & 1) != 0;
      columns.add(new LogMessage.Column(string(), isKey, oid()));
      int32();
    }
    return new LogMessage.Relation(oid, schema, name, identity, List.copyOf(columns));
  }

  private LogMessage insert() throws Fault {
    long relation = oid();
    expect('N', octet());
    return new LogMessage.Insert(relation, tuple());
  }

  private LogMessage update() throws Fault {
    long relation = oid();
    int kind = octet();
    if (kind == 'N') {
      return new LogMessage.Update(relation, null, false, tuple());
    }
    boolean isWhole = isWhole(kind);
    LogMessage.Tuple old = tuple();
    expect('N', octet());
    return new LogMessage.Update(relation, old, isWhole, tuple());
  }

  private LogMessage delete() throws Fault {
    long relation = oid();
    boolean isWhole = isWhole(octet());
    return new LogMessage.Delete(relation, tuple(), isWhole);
  }

  private LogMessage truncate() throws Fault {
    int count = int32();
    octet();
    if (count < 0 || count > (message.length - at) / 4) {
      throw new Fault("TRUNCATE of " + count + " relations");
    }
    List<Long> relations = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      relations.add(oid());
    }
    return new LogMessage.Truncate(List.copyOf(relations));
  }

  private LogMessage note() throws Fault {
    boolean isTransactional = (octet() & 1) != 0;
    long position = int64();
    String prefix = string();
    skip(int32());
    return new LogMessage.Note(isTransactional, position, prefix);
  }

  private static boolean isWhole(int kind) throws Fault {
    if (kind != 'K' && kind != 'O') {
      throw new Fault("a row of the unknown kind " + kind);
    }
    return kind == 'O';
  }

  private LogMessage.Tuple tuple() throws Fault {
    int count = int16();
    // Each column takes an octet at least.
    if (count > message.length - at) {
      throw new Fault("a row of " + count + " columns");
    }
    int[] places = LogMessage.Tuple.places(count);
    for (int i = 0; i < count; i++) {
      int kind = octet();
      switch (kind) {
        case 'n' -> LogMessage.Tuple.isNull(places, i);
        case 'u' -> LogMessage.Tuple.isUnchanged(places, i);
        case 't' -> {
          int length = int32();
          LogMessage.Tuple.text(places, i, at, length);
          skip(length);
        }
        default -> throw new Fault("a value of the unknown kind " + kind);
      }
    }
    return LogMessage.Tuple.of(message, places);
  }

  private static void expect(int wanted, int found) throws Fault {
    if (wanted != found) {
      throw new Fault("kind " + found + " in place of " + wanted);
    }
  }

  private void skip(int octets) throws Fault {
    if (octets < 0 || octets > message.length - at) {
      throw new Fault("a part of " + octets + " octets where " + (message.length - at) + " are");
    }
    at += octets;
  }

  private int octet() throws Fault {
    int from = at;
    skip(1);
    return message[from] & 0xFF;
  }

  private int int16() throws Fault {
    return octet() << 8 | octet();
  }

  private int int32() throws Fault {
    return int16() << 16 | int16();
  }

  private long int64() throws Fault {
    return (long) int32() << 32 | (int32() & 0xFFFF_FFFFL);
  }

  private long oid() throws Fault {
    return int32() & 0xFFFF_FFFFL;
  }

  private String string() throws Fault {
    int from = at;
    while (octet() != 0) {
      // up to the octet that ends it
    }
    return new String(message, from, at - 1 - from, StandardCharsets.UTF_8);
  }
}
