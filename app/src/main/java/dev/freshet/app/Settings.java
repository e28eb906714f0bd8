package dev.freshet.app;

import dev.freshet.base.HostPort;
import dev.freshet.edge.EdgeConfig;
import org.jspecify.annotations.Nullable;

/// The whole configuration, checked.
///
/// @param admin where the admin API listens
/// @param token demanded by the admin API, or null for none (loopback only)
public record Settings(EdgeConfig edge, HostPort admin, @Nullable String token) {}
