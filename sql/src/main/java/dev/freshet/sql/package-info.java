/// **Purpose.** Reads SQL text as PostgreSQL does: what kind of statement it is, which statements
/// are the same but for their constants, where one ends, what tags ride along in comments, and
/// which tables it reads or changes, and with the database's [Catalog] which of their rows. **Start
/// here.** [Statement], which every query passes, then [Shape], once for each new fingerprint, and
/// [Footprint], which puts the two beside a catalog. **Threads.** Everything is a value or belongs
/// to one call; a shape is parsed on a thread of its own, which ends soon after its limit.
/// **Limits.** A statement takes one pass and memory in proportion to its text; shapes of long or
/// deep ones are unknown. Nothing here asks the database: whoever does brings the answers to
/// [CatalogQuery]. **When it fails.** Nothing here throws for any input: text that PostgreSQL would
/// refuse gets a fingerprint all the same, and a shape that says why nothing is known.
@NullMarked
package dev.freshet.sql;

import org.jspecify.annotations.NullMarked;
