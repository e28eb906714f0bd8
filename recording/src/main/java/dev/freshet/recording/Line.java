package dev.freshet.recording;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One line of a recording behind the first.
public sealed interface Line {

  /// A request, complete.
  ///
  /// @param number counted from 1
  /// @param session whose it is
  /// @param atMillis since the recording began
  /// @param method `OTHER` for one that is not well known
  /// @param target path and query
  /// @param said what else is known of its head
  /// @param content null where it had none
  /// @param masked names of the parameters and fields whose values were masked
  record Asked(
      long number,
      int session,
      double atMillis,
      String method,
      String host,
      String target,
      Said said,
      @Nullable Content content,
      List<String> masked)
      implements Line {

    public Asked {
      masked = List.copyOf(masked);
    }

    /// Whether it asks for something to be changed.
    public boolean isWrite() {
      return !method.equals("GET") && !method.equals("HEAD") && !method.equals("OPTIONS");
    }
  }

  /// What is known of a head.
  ///
  /// @param accept empty, as what follows, where it was not there
  /// @param authorization scheme only
  /// @param hasCookie whether there were cookies
  /// @param isAjax whether it said `X-Requested-With`
  /// @param isStream whether its answer does not end
  record Said(
      String accept,
      String language,
      String range,
      String authorization,
      boolean hasCookie,
      boolean isAjax,
      boolean isStream) {}

  /// What came behind it.
  ///
  /// @param text null where it could not be recorded
  record Content(String type, @Nullable String text) {}

  /// An answer, complete.
  ///
  /// @param status 0 where the client went away before
  /// @param millis from the request's head to the last octet
  record Answered(long number, int session, double millis, int status, boolean isHit, long octets)
      implements Line {}

  /// All of a session is there.
  record Ended(int session) implements Line {}

  /// Something of a session got lost.
  record Out(int session) implements Line {}

  /// The last one.
  ///
  /// @param atMillis when it was over
  record Over(double atMillis, String why) implements Line {}
}
