package dev.freshet.app;

import dev.freshet.assets.WorkerConfig;
import dev.freshet.base.HostPort;
import dev.freshet.changes.ChangesConfig;
import dev.freshet.edge.EdgeConfig;
import dev.freshet.gateway.GatewayConfig;
import dev.freshet.live.LiveConfig;
import org.jspecify.annotations.Nullable;

/// The whole configuration, checked.
///
/// @param gateway null where no database is given
/// @param changes null where no database's log is followed
/// @param rows what is said about keeping answers on the strength of rows
/// @param live null where nobody is told of changes
/// @param optimize how far pages may be made better
/// @param worker what the service worker in browsers may do
/// @param openapi path of the app's OpenAPI document, null where it is not shown
/// @param admin where the admin API listens
/// @param token demanded by the admin API, or null for none (loopback only)
public record Settings(
    EdgeConfig edge,
    @Nullable GatewayConfig gateway,
    @Nullable ChangesConfig changes,
    RowsConfig rows,
    @Nullable LiveConfig live,
    OptimizeConfig optimize,
    WorkerConfig worker,
    @Nullable String openapi,
    HostPort admin,
    @Nullable String token) {}
