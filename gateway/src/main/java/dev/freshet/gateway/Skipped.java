package dev.freshet.gateway;

/// What has to be taken back when the server skips a message after an error: until then it was
/// taken for done.
sealed interface Skipped
    permits Skipped.Preparing,
        Skipped.Naming,
        Skipped.Closing,
        Skipped.Presenting,
        Skipped.Evicting,
        Unshared {
  void takeBack(ServerLink link);

  /// A client's Parse that the server has seen.
  record Preparing(
      ClientStatements client, String name, SharedStatement statement, Prepared.Asked asked)
      implements Skipped {
    @Override
    public void takeBack(ServerLink link) {
      link.prepared().forget(statement, asked);
      client.removeIf(name, statement);
    }
  }

  /// A client's Parse of what the server has prepared by itself.
  record Naming(ClientStatements client, String name, SharedStatement statement)
      implements Skipped {
    @Override
    public void takeBack(ServerLink link) {
      client.removeIf(name, statement);
    }
  }

  /// A client's Close: the name is still good.
  record Closing(ClientStatements client, String name, SharedStatement statement)
      implements Skipped {
    @Override
    public void takeBack(ServerLink link) {
      client.put(name, statement);
    }
  }

  /// Our own Parse.
  record Presenting(SharedStatement statement, Prepared.Asked asked) implements Skipped {
    @Override
    public void takeBack(ServerLink link) {
      link.prepared().forget(statement, asked);
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
