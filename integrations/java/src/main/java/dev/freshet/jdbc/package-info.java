/// **Purpose.** Carries the `traceparent` of a request into the SQL that a JVM sends for it: a JDBC
/// driver before the real one, and a servlet filter. **Start here.** [FreshetDriver], then
/// [PreparedCalls]. **Not here.** What the gateway makes of it. **Threads.** A trace belongs to the
/// thread that [Trace#run] was called on; statements are as safe as the driver's. **Limits.** One
/// retired statement is kept for each prepared one, until it is executed. **When it fails.** The
/// statement goes out as it was given; the driver's own exceptions pass through unchanged.
@NullMarked
package dev.freshet.jdbc;

import org.jspecify.annotations.NullMarked;
