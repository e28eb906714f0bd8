package dev.freshet.app;

import dev.freshet.load.ProofTables;
import java.util.function.Consumer;

/// Measures how long a page takes in a browser, bare and through Freshet.
@FunctionalInterface
interface PageLoads {
  ProofTables.PageLoads measure(int rounds, Consumer<String> progress) throws InterruptedException;
}
