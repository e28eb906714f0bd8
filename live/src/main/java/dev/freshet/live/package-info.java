/// **Purpose.** Tells clients what changed: they subscribe to URLs over a WebSocket or an event
/// stream and hear of each new state of the answer. **Start here.** [Live], then [Hub], whose essay
/// says why nothing is lost; `docs/live.md` for the protocol. **Not here.** Answers are fetched by
/// a function that is given ([Fetch]), connections are held by whoever serves [Live#channel].
/// **Threads.** A subscriber's connection lives on its own loop, topics and subscriptions on the
/// one thread of the hub; the two send each other tasks. **Limits.** Clients, clients of one
/// address, URLs of one client, fetches under way, contents and unsent octets are bounded by
/// [LiveConfig]. **When it fails.** Without a feed clients are told to look for themselves; an app
/// that fails is asked again later; a client that breaks the protocol is closed.
@NullMarked
package dev.freshet.live;

import org.jspecify.annotations.NullMarked;
