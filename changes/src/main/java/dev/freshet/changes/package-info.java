/// **Purpose.** Follows the database's log and tells [dev.freshet.freshness.Freshness] which rows
/// changed, in the order in which they did, and keeps the database's catalog at hand. **Start
/// here.** [ChangeFeed], then [Attachment] (what is set up, and why nothing is missed), [Folding]
/// (what a row's change means), [Pulse] (when it may be said) and [Meeting] (other nodes on the
/// same database). **Not here.** What an answer depends on is in `sql`, whether it is current in
/// `freshness`. **Threads.** One reads the log, one watches over visibility, one looks after
/// catalog and publication, one keeps an eye on other nodes. **Limits.** Rows are folded one by
/// one, so a transaction's size doesn't matter; what waits to become visible is bounded. **When it
/// fails.** It detaches: nothing is served on the strength of rows until it has begun anew.
@NullMarked
package dev.freshet.changes;

import org.jspecify.annotations.NullMarked;
