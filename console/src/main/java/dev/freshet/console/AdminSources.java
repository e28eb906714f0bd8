package dev.freshet.console;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.base.Meters;
import java.util.function.Function;
import java.util.function.Supplier;

/// Where the console's answers come from.
///
/// @param status figures of the whole program, as records and maps
/// @param routes figures by route
/// @param pool the gateway's pools
/// @param statements figures by statement; throws [IllegalArgumentException] for an order that it
///   doesn't know
/// @param bottlenecks where the time of requests that went to the app was spent
/// @param forget begins counting that anew
/// @param why what is known of an absolute URL's stored answers; throws [IllegalArgumentException]
///   for one that is none
/// @param purge carries out an order, and says what it hit
/// @param pause gives no client a server connection until resumed; answers with how many are in use
/// @param resume gives them again
/// @param optimize turns rewriting of pages on or off; answers with its state
/// @param recording how far a recording of traffic is
/// @param record begins or ends one; throws [IllegalArgumentException] for what is no order
/// @param warming how far asking ahead is
/// @param warm asks ahead, or stops; throws [IllegalArgumentException] for what is no order
/// @param reload applies the configuration again; throws [dev.freshet.base.Trouble.Found] when it
///   is wrong
public record AdminSources(
    Meters meters,
    Supplier<Object> status,
    Supplier<Object> routes,
    Supplier<Object> pool,
    Function<StatementsQuery, Object> statements,
    Supplier<Object> bottlenecks,
    Runnable forget,
    Function<String, Object> why,
    Function<PurgeOrder, Object> purge,
    Supplier<Object> pause,
    Supplier<Object> resume,
    Function<Boolean, Object> optimize,
    Supplier<Object> recording,
    Function<JsonNode, Object> record,
    Supplier<Object> warming,
    Function<JsonNode, Object> warm,
    Runnable reload) {}
