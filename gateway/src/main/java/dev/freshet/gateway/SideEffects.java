package dev.freshet.gateway;

import dev.freshet.sql.Statement;
import dev.freshet.sql.Verb;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Whether a query certainly changes nothing, though its answer can't be kept: it asks the time,
/// the catalog or the session, or locks what it reads.
final class SideEffects {
  private static final Pattern CHANGE = Pattern.compile("\\b(?:insert|delete|merge|into)\\b");
  private static final Pattern UPDATE = Pattern.compile("(?<!for |for no key )\\bupdate\\b");
  private static final Pattern CALL = Pattern.compile("([\\w$.\"]+) ?\\(");

  /// Functions that come with PostgreSQL and change nothing, and words that stand before a
  /// parenthesis.
  private static final Set<String> QUIET =
      Set.of(
          ("select from where and or not in exists any all some on using values as"
                  + " by when then else case over filter limit offset having union except"
                  + " intersect join lateral with distinct is like ilike between array row"
                  + " interval materialized of now clock_timestamp statement_timestamp"
                  + " transaction_timestamp date_trunc date_part extract age to_char to_date"
                  + " to_timestamp make_interval random gen_random_uuid current_setting"
                  + " current_schema current_schemas version current_database pg_backend_pid"
                  + " txid_current_snapshot pg_current_snapshot pg_get_expr pg_get_userbyid"
                  + " pg_get_indexdef pg_get_constraintdef pg_get_viewdef pg_table_is_visible"
                  + " pg_type_is_visible format_type obj_description col_description"
                  + " pg_relation_size pg_total_relation_size pg_size_pretty pg_is_in_recovery"
                  + " pg_sleep to_regclass to_regtype unnest generate_series count sum min max"
                  + " avg array_agg string_agg json_agg jsonb_agg json_build_object"
                  + " jsonb_build_object row_to_json to_json to_jsonb bool_and bool_or"
                  + " coalesce nullif greatest least abs round floor ceil ceiling length"
                  + " char_length lower upper trim btrim ltrim rtrim substr substring replace"
                  + " concat concat_ws left right position cast row_number rank dense_rank lag"
                  + " lead first_value last_value md5")
              .split(" "));

  private SideEffects() {}

  static boolean areNone(Statement statement) {
    if (statement.count() != 1 || statement.verb() != Verb.SELECT) {
      return false;
    }
    String text = statement.normalised();
    if (CHANGE.matcher(text).find() || UPDATE.matcher(text).find()) {
      return false;
    }
    Matcher call = CALL.matcher(text);
    while (call.find()) {
      if (!QUIET.contains(call.group(1))) {
        return false;
      }
    }
    return true;
  }
}
