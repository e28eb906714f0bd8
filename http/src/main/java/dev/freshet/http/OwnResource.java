package dev.freshet.http;

/// Something under `/.freshet/` that is answered here instead of by the app.
@FunctionalInterface
public interface OwnResource {

  /// A request has come; called as soon as its head is complete, on the caller's [Caller#loop].
  ///
  /// @return what wants to hear how it goes on
  Talk begin(RequestHead head, Caller caller);
}
