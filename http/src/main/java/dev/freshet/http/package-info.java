/// **Purpose.** HTTP's nouns and grammar without any I/O: fields, heads, directives, dates,
/// Structured Fields. **Start here.** [Fields], then [RequestHead]. **Not here.** Sockets and
/// caching decisions are in `edge`. **Threads.** Values are immutable, except [Fields], which
/// belongs to one thread at a time. **Limits.** Parsers take their bounds as arguments and never
/// allocate beyond their input. **When it fails.** Strict parsers say what is wrong; lenient ones
/// (directives, dates) follow the RFC's rule for junk.
@NullMarked
package dev.freshet.http;

import org.jspecify.annotations.NullMarked;
