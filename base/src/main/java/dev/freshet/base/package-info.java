/// **Purpose.** What every room needs and none owns: time, sizes, addresses, meters, troubles,
/// seeded chance, the end of programs. **Start here.** [Meters], then [Trouble]. **Not here.**
/// Anything that knows a protocol. **Threads.** Everything is immutable or safe for any thread.
/// **Limits.** A [Meters] registry is bounded by the names its rooms register. **When it fails.** A
/// user's mistake is a [Trouble]; everything else is a bug.
@NullMarked
package dev.freshet.base;

import org.jspecify.annotations.NullMarked;
