package dev.freshet.load;

import java.util.List;

/// What an answer must be like.
public sealed interface Check {

  /// One of these statuses.
  record Status(List<Integer> statuses) implements Check {
    public Status {
      statuses = List.copyOf(statuses);
    }
  }

  /// The content holds this text.
  record Contains(String text) implements Check {}

  /// A value of it is this text.
  record Equal(String place, Extraction value, String text) implements Check {}

  default boolean holds(Reply reply) {
    return switch (this) {
      case Status(List<Integer> statuses) -> statuses.contains(reply.status());
      case Contains(String text) -> reply.text().contains(text);
      case Equal(String _, Extraction value, String text) -> text.equals(value.from(reply));
    };
  }

  /// As an error kind.
  default String kind() {
    return switch (this) {
      case Status(List<Integer> statuses) ->
          "check status " + statuses.toString().replaceAll("[\\[\\]]", "");
      case Contains(String text) -> "check contains " + text;
      case Equal(String place, Extraction _, String text) -> "check " + place + " = " + text;
    };
  }

  default boolean wantsContent() {
    return switch (this) {
      case Status _ -> false;
      case Contains _ -> true;
      case Equal(String _, Extraction value, String _) -> value.wantsContent();
    };
  }
}
