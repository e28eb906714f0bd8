package dev.freshet.app;

import dev.freshet.base.HostPort;
import dev.freshet.edge.EdgeConfig;
import dev.freshet.gateway.GatewayConfig;
import org.jspecify.annotations.Nullable;

/// The whole configuration, checked.
///
/// @param gateway null where no database is given
/// @param rows what is said about keeping answers on the strength of rows
/// @param admin where the admin API listens
/// @param token demanded by the admin API, or null for none (loopback only)
public record Settings(
    EdgeConfig edge,
    @Nullable GatewayConfig gateway,
    RowsConfig rows,
    HostPort admin,
    @Nullable String token) {}
