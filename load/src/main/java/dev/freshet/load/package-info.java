/// **Purpose.** Puts load on a site as its users would, and tells what they felt. **Start here.**
/// [Generator], which runs the phases of a [Scenario] or a [Replay] and measures; [LoadReport]
/// shows that. [UserLoad] and [Scorecard] are the demo's comparison, [Proof] that of any site.
/// **Not here.** What is behind the address: nothing of it is known. **Threads.** A generator's
/// event loops each work on a share of a phase, with connections and figures of their own, merged
/// at the end; one thread more looks for stale answers, one reads what is replayed. **Limits.**
/// 28,000 users, 200,000 arrivals that wait, 20,000 shared connections, 4 MB of a content that is
/// looked at; what isn't is counted only; 1 MB of a message on a channel, 100,000 marks. **When it
/// fails.** A request that fails is counted by kind; a generator that could not keep up says so in
/// the result.
@NullMarked
package dev.freshet.load;

import org.jspecify.annotations.NullMarked;
