package dev.freshet.gateway;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// A client's messages as octets, well-formed: what is wrong with them is up to who sends them.
final class Say {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private Say() {}

  static byte[] all(byte[]... messages) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] message : messages) {
      all.writeBytes(message);
    }
    return all.toByteArray();
  }

  static byte[] message(char tag, byte[] body) {
    return ByteBuffer.allocate(5 + body.length)
        .put((byte) tag)
        .putInt(4 + body.length)
        .put(body)
        .array();
  }

  static byte[] message(char tag, String body) {
    return message(tag, body.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] bare(char tag) {
    return message(tag, new byte[0]);
  }

  static byte[] query(String sql) {
    return new Say().string(sql).as('Q');
  }

  static byte[] parse(String name, String sql) {
    return new Say().string(name).string(sql).number16(0).as('P');
  }

  static byte[] bind(String portal, String statement, String... values) {
    Say say = new Say().string(portal).string(statement).number16(0).number16(values.length);
    for (String value : values) {
      byte[] text = value.getBytes(StandardCharsets.UTF_8);
      say.number32(text.length).out.writeBytes(text);
    }
    return say.number16(0).as('B');
  }

  static byte[] describe(char kind, String name) {
    return new Say().octet(kind).string(name).as('D');
  }

  static byte[] close(char kind, String name) {
    return new Say().octet(kind).string(name).as('C');
  }

  static byte[] execute(String portal, int rows) {
    return new Say().string(portal).number32(rows).as('E');
  }

  static byte[] sync() {
    return bare('S');
  }

  static byte[] flush() {
    return bare('H');
  }

  static byte[] copyData(String rows) {
    return message('d', rows.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] copyDone() {
    return bare('c');
  }

  static byte[] copyFail(String why) {
    return new Say().string(why).as('f');
  }

  /// A statement, all of it, without Sync.
  static byte[] run(String sql, String... values) {
    return all(parse("", sql), bind("", "", values), describe('P', ""), execute("", 0));
  }

  static byte[] startup(String... parameters) {
    return startup(0, parameters);
  }

  static byte[] startup(int minor, String... parameters) {
    Say say = new Say().number32(0x30000 | minor);
    for (String each : parameters) {
      say.string(each);
    }
    say.octet(0);
    return untagged(say.out.toByteArray());
  }

  static byte[] cancel(int pid, byte[] key) {
    Say say = new Say().number32(80_877_102).number32(pid);
    say.out.writeBytes(key);
    return untagged(say.out.toByteArray());
  }

  private static byte[] untagged(byte[] body) {
    return ByteBuffer.allocate(4 + body.length).putInt(4 + body.length).put(body).array();
  }

  static byte[] sasl(String mechanism, byte[] first) {
    Say say = new Say().string(mechanism).number32(first.length);
    say.out.writeBytes(first);
    return say.as('p');
  }

  private byte[] as(char tag) {
    return message(tag, out.toByteArray());
  }

  private Say octet(int value) {
    out.write(value);
    return this;
  }

  private Say number16(int value) {
    return octet(value >>> 8).octet(value);
  }

  private Say number32(int value) {
    return number16(value >>> 16).number16(value);
  }

  private Say string(String text) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    return octet(0);
  }
}
