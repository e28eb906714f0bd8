package dev.freshet.edge;

import dev.freshet.freshness.Evidence;
import dev.freshet.http.Fields;
import org.jspecify.annotations.Nullable;

/// What somebody within the program was answered who asked as a client would.
///
/// @param content without any coding made here; one octet more than was allowed when it is longer
/// @param evidence what this very content was made from, also when it has changed since; null when
///   that is not known
/// @param sharedAs equal for requests that the cache answers with the same; null when this answer
///   is nobody else's
/// @param cacheStatus what was decided, as in `Cache-Status`
@SuppressWarnings("ArrayRecordComponent")
public record InnerAnswer(
    int status,
    Fields fields,
    byte[] content,
    @Nullable Evidence evidence,
    @Nullable String sharedAs,
    String cacheStatus) {}
