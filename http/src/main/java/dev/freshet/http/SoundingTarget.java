package dev.freshet.http;

import java.util.regex.Pattern;

/// What a target sounds like. GET should change nothing (RFC 9110, section 9.2.1), but apps there
/// are that log out, delete, fill a cart or confirm by a link, and links that work once.
public final class SoundingTarget {
  private static final Pattern DOES =
      Pattern.compile(
          "log[-_]?(?:out|off)|sign[-_]?(?:out|off)|delete|remove|destroy|unsubscribe|/admin"
              + "|cancel(?!l?ing)|add[-_]?to[-_]?\\w|\\b(?:cart|basket)/add|activate|approve"
              + "|\\bconfirm|\\bverify|\\bvote|token=",
          Pattern.CASE_INSENSITIVE);

  private SoundingTarget() {}

  /// Whether it sounds as if asking for it did something: then nobody but a visitor should.
  public static boolean isOfDeed(String target) {
    return DOES.matcher(target).find();
  }
}
