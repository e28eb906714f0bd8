package dev.freshet.gateway;

import dev.freshet.sql.TableName;
import java.util.Set;

/// That a statement's results may be kept.
///
/// @param life how long
/// @param tables what it reads
record Keeping(ResultsConfig.Life life, Set<TableName> tables) {}
