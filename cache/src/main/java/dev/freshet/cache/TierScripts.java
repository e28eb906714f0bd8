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
  /// purges kept, most prefixes kept. Returns epoch, place, the place that just the same had, and
  /// how many values it hit: of a key that can be told, else it is -1.
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
          local set, member, most = P, kind .. ':' .. how .. ':' .. name, ARGV[6]
          if kind == 'p' then set, member, most = X, how .. ':' .. name, ARGV[7] end
          local before = redis.call('ZSCORE', set, member) or '0'
          redis.call('ZADD', set, s, member)
          trim(set, most)
          local hit = -1
          if kind == 'k' then
            hit = redis.call(how == 'h' and 'UNLINK' or 'EXISTS', 'freshet:v:' .. name)
          end
          redis.call('XADD', L, 'MAXLEN', '~', 4096, s .. '-0',
              'e', e, 'n', ARGV[2], 'k', kind, 'm', name, 'h', how)
          return {e, s, before, hit}
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

  /// One step of a search for what purges hit. Arguments: the epoch, where to go on, a pattern of
  /// names, how many to look at, then for each purge kind, h or s, name, its place and the place
  /// that just the same had before. Returns nothing when the epoch is over, else where to go on,
  /// how many values had something that these purges ended, and how many it looked into. Of the
  /// hard purges that cover an entry those before the first of these count as they are noted now,
  /// which is right unless one of another name came again since. A value of which nothing can be
  /// used any more is removed.
  static final String SEARCH =
      STATE
          + """
          if redis.replicate_commands then redis.replicate_commands() end
          if score('!epoch') ~= ARGV[1] then return {} end
          local before, least, groups, prefixes, all = {}, math.huge, {}, {}, 0
          for i = 5, #ARGV, 5 do
            local kind, how, name = ARGV[i], ARGV[i + 1], ARGV[i + 2]
            local place = tonumber(ARGV[i + 3])
            local member = kind .. ':' .. how .. ':' .. name
            before[member] = math.min(before[member] or math.huge, tonumber(ARGV[i + 4]))
            least = math.min(least, place)
            if kind == 'p' then prefixes[#prefixes + 1] = {name, place} end
            if kind == 'a' then all = math.max(all, place) end
            if kind == 'g' then groups[name] = math.max(groups[name] or 0, place) end
          end
          -- Where a hard purge stood before all of these, and where it stands now.
          local function stands(member, now)
            now = tonumber(now or '0')
            local was = before[member] or (now < least and now or 0)
            return was, now
          end
          local function worse(was, now, other, latest)
            return math.max(was, other), math.max(now, latest)
          end
          local known = redis.call('ZRANGE', X, 0, -1, 'WITHSCORES')
          local floor = tonumber(score('!floor'))
          local allWas, allNow = worse(floor, floor, stands('a:h:', score('a:h:')))
          local function starts(key, name) return string.sub(key, 1, #name) == name end
          local function covering(key)
            local was, now = worse(allWas, allNow, stands('k:h:' .. key, score('k:h:' .. key)))
            local url = string.match(key, '^([^\\n]*)\\n')
            if url then was, now = worse(was, now, stands('k:h:' .. url, score('k:h:' .. url))) end
            for i = 1, #known, 2 do
              local how, name = string.sub(known[i], 1, 2), string.sub(known[i], 3)
              if how == 'h:' and starts(key, name) then
                was, now = worse(was, now, stands('p:h:' .. name, known[i + 1]))
              end
            end
            return was, now
          end
          local function part(at, from, to) return redis.call('GETRANGE', at, from, to) end
          -- The names of the groups, and a line for each entry: see ValueFormat.
          local function read(at)
            local head = part(at, 0, 255)
            local n = tonumber(string.sub(head, 1, 8), 16)
            if not n then return nil end
            if #head < 16 + n then head = part(at, 0, 15 + n) end
            local m = tonumber(string.sub(head, 9 + n, 16 + n), 16)
            if not m then return nil end
            if #head < 16 + n + m then head = part(at, 0, 15 + n + m) end
            local names = {}
            for name in string.gmatch(string.sub(head, 9, 8 + n), '[^\\n]+') do
              names[#names + 1] = name
            end
            return names, string.sub(head, 17 + n, 16 + n + m)
          end
          local function isHit(at)
            local key = string.sub(at, 11)
            local place = all
            for _, one in ipairs(prefixes) do
              if starts(key, one[1]) then place = math.max(place, one[2]) end
            end
            local names, lines = read(at)
            if not names then return false end
            local isConcerned = place > 0
            for _, name in ipairs(names) do isConcerned = isConcerned or groups[name] end
            if not isConcerned then return false end
            local was, now = covering(key)
            local hit, left = false, false
            for line in string.gmatch(lines, '[^\\n]+') do
              local sequence, of = string.match(line, '^(%d+):(.*)$')
              local p, w, n = place, was, now
              for i in string.gmatch(of, '%d+') do
                local name = names[tonumber(i) + 1]
                p = math.max(p, groups[name] or 0)
                w, n = worse(w, n, stands('g:h:' .. name, score('g:h:' .. name)))
              end
              sequence = tonumber(sequence)
              hit = hit or (sequence < p and sequence >= w)
              left = left or sequence >= n
            end
            if not left then redis.call('UNLINK', at) end
            return hit
          end
          local found = redis.call('SCAN', ARGV[2], 'MATCH', ARGV[3], 'COUNT', ARGV[4])
          local hits = 0
          for _, at in ipairs(found[2]) do if isHit(at) then hits = hits + 1 end end
          return {found[1], hits, #found[2]}
          """;
}
