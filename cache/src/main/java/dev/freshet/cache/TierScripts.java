package dev.freshet.cache;

/* The keys.
 *
 * freshet:v:KEY      a value, see ValueFormat; expires by itself
 * freshet:purges     sorted set: !epoch, !seq, !floor, and the last purge of everything (a), each
 *                    key (k) and group (g), hard (h) or soft (s), scored by its place
 * freshet:prefixes   sorted set of purged prefixes, with the same !epoch
 * freshet:log        stream of the last purges; an entry's id is its place
 *
 * Redis may lose any key: to FLUSHALL, to a restart, to eviction. A lost set takes its !epoch with
 * it, the next script starts another, and values of other epochs are misses. When a set is full its
 * oldest purges become the floor under which everything is gone. So forgetting is never forgiving.
 */

/// What runs inside Redis, each script as one step; needs no module and no cluster.
final class TierScripts {
  private TierScripts() {}

  private static final String STATE =
      """
      local P, X, L = 'freshet:purges', 'freshet:prefixes', 'freshet:log'
      local function score(m) return redis.call('ZSCORE', P, m) or '0' end
      local function epoch(other)
        local e, x = score('!epoch'), redis.call('ZSCORE', X, '!epoch')
        if e ~= '0' and e == x then return e end
        redis.call('DEL', P, X, L)
        redis.call('ZADD', P, other, '!epoch', 0, '!seq', 0, '!floor')
        redis.call('ZADD', X, other, '!epoch')
        return score('!epoch')
      end
      """;

  /// Arguments: an epoch to start if there is none, the epoch and the place known. Returns epoch
  /// and place; a place behind the known one (a restored snapshot) starts another epoch.
  static final String ATTACH =
      STATE
          + """
          if score('!epoch') == ARGV[2] and tonumber(score('!seq')) < tonumber(ARGV[3]) then
            redis.call('DEL', P)
          end
          local e = epoch(ARGV[1])
          return {e, score('!seq')}
          """;

  /// Arguments: an epoch to start if there is none, node, kind (a, k, g, p), name, h or s, most
  /// purges kept, most prefixes kept. Returns epoch, place, and how many values it hit: of a key
  /// that can be told, else it is -1.
  static final String PURGE =
      STATE
          + """
          local e = epoch(ARGV[1])
          local s = redis.call('ZINCRBY', P, 1, '!seq')
          local kind, name, how = ARGV[3], ARGV[4], ARGV[5]
          local function trim(set, most)
            local over = redis.call('ZCARD', set) - tonumber(most)
            if over <= 0 then return end
            local out = redis.call('ZRANGE', set, 0, over - 1, 'WITHSCORES')
            redis.call('ZREMRANGEBYRANK', set, 0, over - 1)
            local floor = math.max(tonumber(score('!floor')), tonumber(out[#out]))
            redis.call('ZADD', P, string.format('%.0f', floor), '!floor')
          end
          if kind == 'p' then
            redis.call('ZADD', X, s, how .. ':' .. name)
            trim(X, ARGV[7])
          else
            redis.call('ZADD', P, s, kind .. ':' .. how .. ':' .. name)
            trim(P, ARGV[6])
          end
          local hit = -1
          if kind == 'k' then
            hit = redis.call(how == 'h' and 'UNLINK' or 'EXISTS', 'freshet:v:' .. name)
          end
          redis.call('XADD', L, 'MAXLEN', '~', 4096, s .. '-0',
              'e', e, 'n', ARGV[2], 'k', kind, 'm', name, 'h', how)
          return {e, s, hit}
          """;

  /// Arguments: key, its URL's key. Returns nothing, or the value, epoch, place, floor, the hard
  /// and the soft place of everything, key, URL and each group named in the value, then prefixes
  /// with their places.
  static final String READ =
      STATE
          + """
          local v = redis.call('GET', 'freshet:v:' .. ARGV[1])
          if not v then return {} end
          local out = {v, score('!epoch'), score('!seq'), score('!floor')}
          local function both(m)
            out[#out + 1] = score((string.gsub(m, ':', ':h:', 1)))
            out[#out + 1] = score((string.gsub(m, ':', ':s:', 1)))
          end
          both('a:')
          both('k:' .. ARGV[1])
          both('k:' .. ARGV[2])
          local n = tonumber(string.sub(v, 1, 8), 16) or 0
          for g in string.gmatch(string.sub(v, 9, 8 + n), '[^\\n]+') do both('g:' .. g) end
          local x = redis.call('ZRANGE', X, 0, -1, 'WITHSCORES')
          for i = 1, #x do out[#out + 1] = x[i] end
          return out
          """;
}
