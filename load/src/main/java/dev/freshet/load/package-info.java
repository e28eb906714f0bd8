/// **Purpose.** Puts load on a site as its users would, and tells what they felt. **Start here.**
/// [LoadTest], then [Scorecard]. **Not here.** What is behind the address: nothing of it is known.
/// **Threads.** One thread a user, each with its own connection and cookies; figures are merged at
/// the end. **Limits.** Users up to 10,000; contents are counted, not kept. **When it fails.** A
/// request that fails is counted by kind; a generator that could not keep up says so in the result.
@NullMarked
package dev.freshet.load;

import org.jspecify.annotations.NullMarked;
