package dev.freshet.app;

import dev.freshet.load.Proof;
import dev.freshet.load.ProofTables;
import java.util.List;
import java.util.function.Consumer;

/// Measures how long a page takes in a browser, bare and through Freshet.
@FunctionalInterface
interface PageLoads {
  ProofTables.PageLoads measure(int rounds, Consumer<String> progress) throws InterruptedException;

  /// Where the time of page loads through Freshet goes that the app makes a page for. Has Freshet
  /// count its trips anew.
  default List<Proof.Stack> traced(AdminApi admin) throws InterruptedException {
    return List.of();
  }
}
