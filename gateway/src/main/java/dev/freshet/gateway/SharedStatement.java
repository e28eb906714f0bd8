package dev.freshet.gateway;

import dev.freshet.sql.Statement;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// A statement's text and parameter types, under one name on every server connection that has it
/// prepared.
final class SharedStatement {
  private final long number;
  private final byte[] name;
  private final byte[] types;
  private final Reading reading;
  private final Object scope;
  private final String wish;
  private Results.@Nullable Verdict verdict;
  private boolean used;
  private boolean recurs;

  SharedStatement(long number, Reading reading, byte[] types, Object scope, String wish) {
    this.number = number;
    this.name = ("freshet_" + number).getBytes(StandardCharsets.US_ASCII);
    this.types = types;
    this.reading = reading;
    this.scope = scope;
    this.wish = wish;
  }

  /// No other has the same.
  long number() {
    return number;
  }

  /// Whether its results may be kept; null while that is not known.
  Results.@Nullable Verdict verdict() {
    return verdict;
  }

  void verdict(Results.@Nullable Verdict found) {
    verdict = found;
  }

  @SuppressWarnings("MutableMethodReturnType")
  byte[] name() {
    return name;
  }

  @SuppressWarnings("MutableMethodReturnType")
  byte[] sql() {
    return reading.statement().text();
  }

  /// Four octets a parameter.
  @SuppressWarnings("MutableMethodReturnType")
  byte[] types() {
    return types;
  }

  Reading reading() {
    return reading;
  }

  Statement statement() {
    return reading.statement();
  }

  /// What its comment asks for its results; mostly empty.
  String wish() {
    return wish;
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
