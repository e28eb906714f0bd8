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
  record Preparing(ClientStatements client, String name, SharedStatement statement)
      implements Skipped {
    @Override
    public void takeBack(ServerLink link) {
      link.prepared().forget(statement);
      client.removeIf(name, statement);
    }
  }

  /// A client's Parse of what the server had prepared before.
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
  record Presenting(SharedStatement statement) implements Skipped {
    @Override
    public void takeBack(ServerLink link) {
      link.prepared().forget(statement);
    }
  }

  /// Our own Close, of what was not used for long.
  record Evicting(SharedStatement statement) implements Skipped {
    @Override
    public void takeBack(ServerLink link) {
      link.prepared().remember(statement);
    }
  }
}
