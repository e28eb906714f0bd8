/// **Purpose.** The admin API and its page: what the program does at the moment, and the few things
/// it can be told. **Start here.** [Console]. **Not here.** Any room's inside: figures come from
/// `base` meters and functional parameters. **Threads.** One virtual thread a request. **Limits.**
/// Request content 1 MB; loopback only, or a token. **When it fails.** One request is answered with
/// a reason; nothing else notices.
@NullMarked
package dev.freshet.console;

import org.jspecify.annotations.NullMarked;
