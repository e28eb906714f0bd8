/// **Purpose.** Keeps bytes under keys, in groups, in a heap tier and a second one, and forgets
/// them the moment it is told to. **Start here.** [Cache], then [Stamps], then [RedisTier]. **Not
/// here.** What a response means is known in `edge` only. **Threads.** Everything public is safe
/// for any thread; [Cache#heap] and [Cache#standing] never block and fit event loops. **Limits.**
/// Octets, variants a key and pending writes: see [CacheConfig]. **When it fails.** A slow or dead
/// second tier is a miss; nothing is ever served that was purged.
@NullMarked
package dev.freshet.cache;

import org.jspecify.annotations.NullMarked;
