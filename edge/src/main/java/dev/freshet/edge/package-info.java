/// **Purpose.** Freshet's HTTP side: takes requests, answers from the cache by RFC 9111, asks
/// origins for the rest. **Start here.** [Edge], then [Exchange]. **Not here.** Bytes under keys
/// and tiers are in `cache`; grammar is in `http`. **Threads.** An exchange lives on its
/// connection's event loop from first byte to last; slow work (compression, second tier) happens
/// elsewhere and comes back. **Limits.** Every head, body, wait and connection count has its number
/// in [EdgeConfig]. **When it fails.** The one exchange is answered with an error page; its
/// connection survives when its framing is still known.
@NullMarked
package dev.freshet.edge;

import org.jspecify.annotations.NullMarked;
