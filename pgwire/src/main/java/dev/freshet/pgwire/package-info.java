/// **Purpose.** PostgreSQL's wire protocol without any I/O: what goes over a connection, and how
/// the two ends of it prove who they are. **Start here.** [ScramServer] and [ScramClient], then
/// [Secret]. **Not here.** Sockets, sessions and pools. **Threads.** Values are immutable; whatever
/// walks through a conversation belongs to one thread at a time. **Limits.** What a peer sends is
/// bounded before it is read. **When it fails.** A peer that breaks the protocol is refused with
/// the SQLSTATE that PostgreSQL would give; a secret is in no message and no `toString`.
@NullMarked
package dev.freshet.pgwire;

import org.jspecify.annotations.NullMarked;
