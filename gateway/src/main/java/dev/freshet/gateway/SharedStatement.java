package dev.freshet.gateway;

import java.nio.charset.StandardCharsets;

/// A statement's text and parameter types, under one name on every server connection that has it
/// prepared.
final class SharedStatement {
  private final byte[] name;
  private final byte[] sql;
  private final byte[] types;
  private final Reading reading;
  private final Object scope;
  private boolean used;
  private boolean recurs;

  SharedStatement(long number, byte[] sql, byte[] types, Reading reading, Object scope) {
    this.name = ("freshet_" + number).getBytes(StandardCharsets.US_ASCII);
    this.sql = sql;
    this.types = types;
    this.reading = reading;
    this.scope = scope;
  }

  @SuppressWarnings("MutableMethodReturnType")
  byte[] name() {
    return name;
  }

  @SuppressWarnings("MutableMethodReturnType")
  byte[] sql() {
    return sql;
  }

  /// Four octets a parameter.
  @SuppressWarnings("MutableMethodReturnType")
  byte[] types() {
    return types;
  }

  Reading reading() {
    return reading;
  }

  Traits traits() {
    return reading.traits();
  }

  /// The settings under which the text means what it means, or some mark of a transaction's own:
  /// the server reads names and literals when it prepares.
  Object scope() {
    return scope;
  }

  void use() {
    recurs = used;
    used = true;
  }

  /// True from the second time on that somebody prepared it: what comes once is not worth keeping.
  boolean recurs() {
    return recurs;
  }
}
