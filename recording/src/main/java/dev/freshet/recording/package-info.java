/// **Purpose.** Recorded traffic: what is masked, who made it, and the file that holds it. **Start
/// here.** [Masking], then [Recorder] (writes) and [Recording] (reads). **Not here.** The edge sees
/// the requests, `load` makes them again. **Threads.** Event loops only put into a [Recorder]'s
/// queue; one thread of its own masks and writes. **Limits.** Time, octets, size of the file,
/// queue, sessions and content: see [RecordingOrder]. **When it fails.** A session that can't be
/// recorded whole is left out whole and counted; a file that ends early is good up to its last
/// whole session.
@NullMarked
package dev.freshet.recording;

import org.jspecify.annotations.NullMarked;
