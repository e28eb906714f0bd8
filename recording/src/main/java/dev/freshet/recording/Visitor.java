package dev.freshet.recording;

/// One session of a recording. Touched by the writing thread only.
final class Visitor {
  final int number;

  /// How many names lead to it.
  int names;

  boolean isLeft;
  boolean isEnded;

  Visitor(int number) {
    this.number = number;
  }
}
