/// **Purpose.** An ordinary, slow, server-rendered shop with ordinary sins: what a cache, a pooler
/// and an advisor are tried on. It knows nothing of them. **Start here.** [Shop], then [Web] and
/// [Pages]. **Not here.** Anything that makes it fast; the sins are listed in `shop/README.md`.
/// **Threads.** One virtual thread a request, at most [Web#WORKERS] at work at once. **Limits.**
/// Workers, waiting time and body size: see [Web]. **When it fails.** A visitor's mistake is a
/// [Refusal] with an HTTP status; a lost database is a 503; a bug is a 500, logged with its stack.
@NullMarked
package dev.freshet.shop;

import org.jspecify.annotations.NullMarked;
