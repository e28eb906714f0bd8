/// **Purpose.** The PostgreSQL gateway: many clients' sessions on few server connections. **Start
/// here.** [Gateway], then [ClientSession] and [ServerLink], which hold the two ends of a
/// conversation, and [Pool] between them. **Not here.** What a statement means (`sql`), how one
/// logs in (`pgwire`). **Threads.** Everything lives on one event loop and is never locked; other
/// threads ask by [Gateway]. **Limits.** Clients, server connections, the queue between them,
/// statements kept prepared and the size of a message are bounded by [GatewayConfig]. **When it
/// fails.** A server connection of which it is not certain that it is idle is closed, never handed
/// on; a client in the middle of something on it is told, with an SQLSTATE, and others notice
/// nothing.
@NullMarked
package dev.freshet.gateway;

import org.jspecify.annotations.NullMarked;
