/// **Purpose.** The program: command line, configuration, wiring, start, reload and drain. **Start
/// here.** [Main], then [Wiring]. **Not here.** Anything that works on requests or bytes.
/// **Threads.** Commands run on the main thread; reloads come from a signal or the admin API, one
/// at a time. **Limits.** Those of the rooms, as the configuration sets them. **When it fails.**
/// Every mistake of the configuration is shown at once, with place and remedy; nothing starts half.
@NullMarked
package dev.freshet.app;

import org.jspecify.annotations.NullMarked;
