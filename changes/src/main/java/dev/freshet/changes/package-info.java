/// **Purpose.** Follows the database's log and tells [dev.freshet.freshness.Freshness] which rows
/// changed, in the order in which they did, and keeps the database's catalog at hand. **Start
/// here.** [ChangeFeed], then [Attaching] (what is set up, and why nothing is missed), [Folding]
/// (what a row's change means) and [Pulse] (when it may be said). **Not here.** What an answer
/// depends on is in `sql`, whether it is current in `freshness`. **Threads.** One reads the log,
/// one watches over visibility, one looks after catalog and publication. **Limits.** Rows are
/// folded one by one, so a transaction's size doesn't matter; what waits to become visible is
/// bounded. **When it fails.** It detaches: nothing is served on the strength of rows until it has
/// begun anew.
@NullMarked
package dev.freshet.changes;

import org.jspecify.annotations.NullMarked;
