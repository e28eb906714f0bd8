/// **Purpose.** Reads SQL text as PostgreSQL does: what kind of statement it is, which statements
/// are the same but for their constants, where one ends, what tags ride along in comments. **Start
/// here.** [Statement], which every query passes. **Threads.** Everything is a value or belongs to
/// one call. **Limits.** One pass, and memory in proportion to the text. **When it fails.** Nothing
/// here throws for any input: text that PostgreSQL would refuse gets a fingerprint all the same.
@NullMarked
package dev.freshet.sql;

import org.jspecify.annotations.NullMarked;
