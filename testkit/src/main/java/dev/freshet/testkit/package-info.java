/// **Purpose.** Peers and starters that the rooms' tests share. **Start here.** [ScriptedOrigin].
/// **Not here.** What only one room's tests need stays with them. **Threads.** Peers run on virtual
/// threads of their own and are safe to ask from any. **Limits.** Everything listens on loopback at
/// a free port and ends with its test. **When it fails.** A peer's own fault is kept and thrown
/// when it is closed.
@NullMarked
package dev.freshet.testkit;

import org.jspecify.annotations.NullMarked;
