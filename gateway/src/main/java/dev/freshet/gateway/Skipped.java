package dev.freshet.gateway;

import org.jspecify.annotations.Nullable;

/// What was taken for done when it was sent. The server may skip it after an error, or refuse it.
sealed interface Skipped
    permits Skipped.Preparing,
        Skipped.Naming,
        Skipped.Unnaming,
        Skipped.Closing,
        Skipped.Presenting,
        Skipped.Evicting,
        Deallocation,
        Unshared {
  /// It was not heeded.
  void takeBack(ServerLink link);

  /// The server has done it.
  default void done() {}

  /// The server has heeded it, and found it wrong.
  default void refused(ServerLink link) {}

  /// A client's Parse that the server has seen.
  record Preparing(ClientStatements client, Called called, Prepared.Asked asked)
      implements Skipped {
    @Override
    public void takeBack(ServerLink link) {
      link.prepared().forget(called.statement(), asked);
      client.removeIf(called);
    }

    @Override
    public void done() {
      asked.answered();
      client.answered(called.name(), called);
    }

    @Override
    public void refused(ServerLink link) {
      client.answered(called.name(), null);
    }
  }

  /// A client's Parse of what the server has prepared by itself.
  record Naming(ClientStatements client, Called called) implements Skipped {
    @Override
    public void takeBack(ServerLink link) {
      client.removeIf(called);
    }

    @Override
    public void done() {
      client.answered(called.name(), called);
    }

    @Override
    public void refused(ServerLink link) {
      client.answered(called.name(), null);
    }
  }

  /// A client's Parse without a name, of what is nobody else's.
  record Unnaming(ClientStatements client, Unshared mark) implements Skipped {
    @Override
    public void takeBack(ServerLink link) {
      mark.takeBack(link);
    }

    @Override
    public void done() {
      client.answered("", mark);
    }

    @Override
    public void refused(ServerLink link) {
      client.answered("", null);
    }
  }

  /// A client's Close: the name is still good where it is not heeded.
  ///
  /// @param called what stood under the name, where only we know it by that
  record Closing(ClientStatements client, String name, @Nullable Called called) implements Skipped {
    @Override
    public void takeBack(ServerLink link) {
      if (called != null) {
        client.putBack(called);
      }
    }

    @Override
    public void done() {
      client.answered(name, null);
    }
  }

  /// Our own Parse.
  record Presenting(SharedStatement statement, Prepared.Asked asked) implements Skipped {
    @Override
    public void takeBack(ServerLink link) {
      link.prepared().forget(statement, asked);
    }

    @Override
    public void done() {
      asked.answered();
    }
  }

  /// Our own Close, of what was not used for long or is prepared anew.
  record Evicting(SharedStatement statement, Prepared.Asked asked) implements Skipped {
    @Override
    public void takeBack(ServerLink link) {
      link.prepared().keep(statement, asked);
    }
  }
}
