package dev.freshet.live;

import dev.freshet.freshness.Evidence;
import dev.freshet.http.Fields;
import org.jspecify.annotations.Nullable;

/// An answer, and what is known of how it was made.
///
/// @param content without any coding
/// @param evidence what this content was made from; null when that is not known
/// @param sharedAs equal for requests that are given this very answer, whoever asks; null when it
///   is for this client alone
/// @param reason why there is no evidence, for people; empty when there is
@SuppressWarnings("ArrayRecordComponent")
public record Fetched(
    int status,
    Fields fields,
    byte[] content,
    @Nullable Evidence evidence,
    @Nullable String sharedAs,
    String reason) {}
