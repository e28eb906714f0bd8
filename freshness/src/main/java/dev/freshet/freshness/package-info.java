/// **Purpose.** Knows from positions in the database's log whether an answer still is what the
/// database would say: positions, dependencies, last changes, evidence, fences. **Start here.**
/// [Freshness], whose essay is the argument; then [LastChanges] and [Trails]. **Not here.** No I/O:
/// the log is read in `changes`, statements are read in `sql`, answers are kept by others.
/// **Threads.** Everything public is safe for any thread; [Freshness#isCurrent] never blocks and
/// fits event loops. **Limits.** The memory of last changes is fixed when it is made; trails and
/// what they gather are bounded. **When it fails.** Whatever is forgotten, unknown or out of sight
/// counts as changed.
@NullMarked
package dev.freshet.freshness;

import org.jspecify.annotations.NullMarked;
