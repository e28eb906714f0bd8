package dev.freshet.sql;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What of PostgreSQL's own is known to give the same for the same rows, arguments and session
/// settings. Whatever is not listed is refused.
final class Known {

  /// Immutable and stable functions that read nothing but their arguments.
  static final Set<String> FUNCTIONS =
      words(
          """
          count sum avg min max bool_and bool_or every bit_and bit_or bit_xor any_value
          array_agg string_agg json_agg jsonb_agg json_object_agg jsonb_object_agg
          range_agg range_intersect_agg
          corr covar_pop covar_samp regr_avgx regr_avgy regr_count regr_intercept regr_r2
          regr_slope regr_sxx regr_sxy regr_syy stddev stddev_pop stddev_samp variance var_pop
          var_samp mode percentile_cont percentile_disc
          row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value
          nth_value grouping
          coalesce nullif greatest least
          lower upper initcap length char_length character_length octet_length bit_length trim
          ltrim rtrim btrim lpad rpad left right substring substr position strpos overlay replace
          translate reverse repeat split_part concat concat_ws format ascii chr starts_with
          quote_ident quote_literal quote_nullable regexp_replace regexp_match regexp_matches
          regexp_split_to_array regexp_split_to_table regexp_count regexp_instr regexp_like
          regexp_substr string_to_array string_to_table array_to_string md5 sha224 sha256 sha384
          sha512 encode decode to_hex unistr normalize
          abs ceil ceiling floor round trunc mod div power sqrt cbrt exp ln log log10 sign pi
          degrees radians sin cos tan asin acos atan atan2 cot factorial gcd lcm scale min_scale
          trim_scale width_bucket
          date date_part date_trunc date_bin extract make_date make_time make_timestamp
          make_timestamptz make_interval to_char to_date to_number to_timestamp justify_days
          justify_hours justify_interval isfinite timezone
          array_append array_cat array_length array_lower array_ndims array_position
          array_positions array_prepend array_remove array_replace array_upper array_dims
          array_fill cardinality unnest generate_series generate_subscripts
          json_build_array json_build_object jsonb_build_array jsonb_build_object json_object
          jsonb_object row_to_json array_to_json to_json to_jsonb json_array_elements
          jsonb_array_elements json_array_elements_text jsonb_array_elements_text
          json_array_length jsonb_array_length json_each jsonb_each json_each_text
          jsonb_each_text json_extract_path jsonb_extract_path json_extract_path_text
          jsonb_extract_path_text json_object_keys jsonb_object_keys json_strip_nulls
          jsonb_strip_nulls json_typeof jsonb_typeof jsonb_set jsonb_insert jsonb_pretty
          jsonb_path_exists jsonb_path_match jsonb_path_query jsonb_path_query_array
          jsonb_path_query_first
          to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery ts_rank
          ts_rank_cd ts_headline setweight numnode querytree strip
          lower_inc upper_inc lower_inf upper_inf isempty range_merge int4range int8range numrange
          daterange tsrange tstzrange host masklen netmask network broadcast family
          """);

  /// Functions that give something else each time, or do something.
  static final Set<String> VOLATILE =
      words(
          """
          random random_normal setseed nextval currval lastval setval gen_random_uuid uuidv4 uuidv7
          uuid_generate_v1 uuid_generate_v4 set_config txid_current lo_import lo_export dblink
          dblink_exec
          """);

  /// Those of them that read no table: what a change may write into a row.
  static final Set<String> GENERATORS =
      words(
          """
          random random_normal nextval gen_random_uuid uuidv4 uuidv7 uuid_generate_v1
          uuid_generate_v4
          """);

  static final Set<String> CLOCKS =
      words(
          """
          now clock_timestamp statement_timestamp transaction_timestamp timeofday age
          """);

  /// Reserved words that call a function without parentheses.
  static final Set<String> CLOCK_WORDS =
      words("current_date current_time current_timestamp localtime localtimestamp");

  static final Set<String> SESSION_WORDS =
      words(
          "current_user session_user user system_user current_role current_catalog current_schema");

  static final Set<String> SESSION =
      words(
          "current_setting current_database current_schemas version inet_client_addr"
              + " inet_server_addr has_table_privilege has_schema_privilege row_security_active");

  /// Where and when a row version was written or locked: no table's column has these names.
  static final Set<String> SYSTEM_COLUMNS = words("ctid cmin cmax xmax");

  /// Words that are no operand, no type and no alias where they stand without a dot or AS before.
  static final Set<String> KEYWORDS =
      words(
          """
          select where and or not when then else case on having limit offset distinct all any some
          in from for using fetch union except intersect between symmetric like ilike similar to
          by values is over filter exists with join lateral array row only escape collate as end
          cross inner left right full outer natural order group asc desc both leading trailing
          placing zone uescape cast
          """);

  /// Further words that are part of how a query is written.
  static final Set<String> SYNTAX =
      words(
          """
          recursive materialized nulls first last next partition rows range groups preceding
          following unbounded current exclude ties no others within window ordinality time zone
          true false null unknown isnull notnull cube rollup sets grouping percent separator
          search cycle depth breadth set to default overlaps normalized json document year quarter
          month week day hour minute second dow doy epoch century decade millennium microseconds
          milliseconds isodow isoyear timezone asymmetric without
          """);

  /// Those of them that cannot be the name of a function, even where one would be called.
  static final Set<String> OPENERS =
      words(
          """
          select where and or not when then else case on having limit offset distinct all any some
          in from for using union except intersect between symmetric values exists join lateral
          array row only as both leading trailing placing to cast
          """);

  /// Further words before a parenthesis that are no function behind the word given with them.
  static final Map<String, Set<String>> OPENERS_BEHIND =
      Map.of(
          "by", Set.of("order", "group", "partition"),
          "first", Set.of("fetch"),
          "next", Set.of("fetch"),
          "rollup", Set.of("by"),
          "cube", Set.of("by"),
          "sets", Set.of("grouping"),
          "group", Set.of("within"),
          "materialized", Set.of("as", "not"),
          "zone", Set.of("time"));

  static final Set<String> TYPES =
      words(
          """
          int int2 int4 int8 integer smallint bigint numeric decimal real float float4 float8
          double bool boolean text varchar char character bpchar bytea date time timetz timestamp
          timestamptz interval uuid json jsonb inet cidr macaddr bit varbit point box
          int4range int8range numrange daterange tsrange tstzrange tsvector tsquery national
          """);

  /// Words that go on with a type's name: `double precision`, `character varying(10)`.
  static final Set<String> TYPE_TAILS = words("precision varying character char bit");

  /// Operators, and what JSqlParser is given in their place: it knows few, and tables don't depend
  /// on them.
  private static final Map<String, String> OPERATORS =
      Map.ofEntries(
          Map.entry("=", "="),
          Map.entry("<>", "<>"),
          Map.entry("!=", "<>"),
          Map.entry("<", "<"),
          Map.entry(">", ">"),
          Map.entry("<=", "<="),
          Map.entry(">=", ">="),
          Map.entry("+", "+"),
          Map.entry("-", "-"),
          Map.entry("*", "*"),
          Map.entry("/", "/"),
          Map.entry("%", "/"),
          Map.entry("^", "*"),
          Map.entry("=>", "=>"));

  private static final Set<String> FURTHER_OPERATORS =
      words(
          """
          || ~ !~ ~* !~* ~~ !~~ ~~* !~~* -> ->> #> #>> @> <@ ? ?| ?& #- @? @@ && & | # << >> &< &>
          -|- |/ ||/ @ <-> ^@ ~>=~ ~<=~ ~>~ ~<~ <<= >>=
          """);

  private Known() {}

  /// What to write for an operator; null for an unknown one.
  static @Nullable String operator(String name) {
    return FURTHER_OPERATORS.contains(name) ? "||" : OPERATORS.get(name);
  }

  private static Set<String> words(String spaced) {
    return Arrays.stream(spaced.strip().split("\\s+", -1)).collect(Collectors.toUnmodifiableSet());
  }
}
