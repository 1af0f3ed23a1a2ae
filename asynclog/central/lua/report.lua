-- report: one numbered batch of one producer stream, applied whole and once, or not at all.
--
-- KEYS  1 pending   2 state   3 prod of the stream   4 drops
--       then for each section: ts of its second, ev of its second
-- ARGV  1 number of the batch in its stream, from 1
--       2 '1' to take this number whatever was the last one: what came between is given up
--       3 groups the shard may hold   4 groups of one second   5 bytes of payloads   6 seconds
--       7 seconds after which an idle stream is forgotten
--       8 sections   9 drop counters
--       then for each drop counter: field, events
--       then for each section: second, level, groups, and for each group: key, events, payload
--       Sections of one second may follow each other: those that stand first are let in first.
--
-- A group that came once has its payload in ev, and only there: that is half the memory, and most
-- groups of a second without a burst are such.  With its second event it gets its count in ts.
--
-- ->    {1, new groups, folded events, dropped events, groups held, bytes held}   applied
--       {2, last number}    applied before, nothing done
--       {3, last number}    a gap, nothing done; -1 where the stream is not known
local number = tonumber(ARGV[1])
local last = tonumber(redis.call('GET', KEYS[3]) or -1)
if number <= last then return {2, last} end
if number ~= math.max(last, 0) + 1 and ARGV[2] ~= '1' then return {3, last} end

local max_groups, max_groups_of_second = tonumber(ARGV[3]), tonumber(ARGV[4])
local max_bytes, max_seconds = tonumber(ARGV[5]), tonumber(ARGV[6])
local sections, counters = tonumber(ARGV[8]), tonumber(ARGV[9])

-- A script that fails is not rolled back, so everything is looked through before the first write:
-- the arguments, and whether each key is of its type.
local total, at = 0, 10
local function events(text)
  local n = tonumber(text)
  return n and n >= 1 and n % 1 == 0 and n or nil
end
for _ = 1, counters do
  if not events(ARGV[at + 1]) then return redis.error_reply('CENTRAL not a count of events') end
  at = at + 2
end
local first_section = at
for _ = 1, sections do
  local groups = tonumber(ARGV[at + 2])
  if not (tonumber(ARGV[at]) and groups) then return redis.error_reply('CENTRAL not a section') end
  at = at + 3
  for i = at, at + 3 * groups - 3, 3 do
    local n = events(ARGV[i + 1])
    if not n then return redis.error_reply('CENTRAL not a count of events') end
    total = total + n
  end
  at = at + 3 * groups
end

redis.call('HLEN', KEYS[4])
local held = redis.call('HMGET', KEYS[2], 'groups', 'bytes')
local seconds_held = redis.call('ZCARD', KEYS[1])
for i = 5, #KEYS, 2 do
  redis.call('ZCARD', KEYS[i])
  redis.call('HLEN', KEYS[i + 1])
end

-- A user who may not do all of it must be refused before the first write, too.
local function may(...)
  return not redis.acl_check_cmd or redis.acl_check_cmd(...)  -- since Redis 7.0
end
local ts, ev = KEYS[5] or KEYS[4], KEYS[6] or KEYS[4]
if not (may('SET', KEYS[3], '1') and may('ZADD', KEYS[1], '1', '1')
    and may('HINCRBY', KEYS[2], 'in', '1') and may('ZINCRBY', ts, '1', 'g')
    and may('ZSCORE', ts, 'g') and may('HEXISTS', ev, 'g') and may('HSETNX', ev, 'g', 'x')) then
  return redis.error_reply('NOPERM this user may not run all commands of a report')
end

local function count(ts, key, n)  -- of a group that has its payload
  if tonumber(redis.call('ZINCRBY', ts, n, key)) == tonumber(n) then
    redis.call('ZINCRBY', ts, 1, key)  -- the one that it came until now
  end
end

-- The first write is one that a server short of memory refuses; then nothing has been done.
redis.call('SET', KEYS[3], ARGV[1], 'EX', ARGV[7])
for i = 10, first_section - 2, 2 do redis.call('HINCRBY', KEYS[4], ARGV[i], ARGV[i + 1]) end

local groups, bytes = tonumber(held[1] or 0), tonumber(held[2] or 0)
local groups_before, bytes_before = groups, bytes
local new, folded, dropped = 0, 0, 0
at = first_section
for section = 1, sections do
  local second, level, size = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
  local ts, ev = KEYS[3 + 2 * section], KEYS[4 + 2 * section]
  at = at + 3
  local repeated, card = redis.call('ZCARD', ts), redis.call('HLEN', ev)
  local let_in, fold, added_bytes = true, 0, 0
  if repeated + card == 0 then
    let_in = seconds_held < max_seconds
    if let_in then seconds_held = seconds_held + redis.call('ZADD', KEYS[1], second, second) end
  end
  card = math.max(0, card - 1)  -- one field is that of the bytes
  if let_in then
    for i = at, at + 3 * size - 3, 3 do
      local key, n, payload = ARGV[i], ARGV[i + 1], ARGV[i + 2]
      if payload == '' then  -- events that folded before: they are counted as such already
        if redis.call('HEXISTS', ev, key) == 1 then count(ts, key, n)
        else redis.call('ZINCRBY', ts, n, key) end
      elseif card >= max_groups_of_second or groups >= max_groups or bytes + #payload > max_bytes then
        -- A group that is there costs next to nothing; of another one only the number is kept.
        if redis.call('HEXISTS', ev, key) == 1 then count(ts, key, n)
        elseif redis.call('ZSCORE', ts, key) then redis.call('ZINCRBY', ts, n, key)
        else fold = fold + n end
      elseif redis.call('HSETNX', ev, key, payload) == 0 then count(ts, key, n)
      else
        card, groups, new = card + 1, groups + 1, new + 1
        added_bytes, bytes = added_bytes + #payload, bytes + #payload
        if n ~= '1' or (repeated > 0 and redis.call('ZSCORE', ts, key)) then
          redis.call('ZINCRBY', ts, n, key)
        end
      end
    end
    if added_bytes > 0 then redis.call('HINCRBY', ev, '~b', added_bytes) end
    if fold > 0 then
      redis.call('ZINCRBY', ts, fold, '~over')
      redis.call('HINCRBY', KEYS[4], 'folded_server:' .. level, fold)
      folded = folded + fold
    end
  else
    local lost = 0
    for i = at, at + 3 * size - 3, 3 do lost = lost + ARGV[i + 1] end
    redis.call('HINCRBY', KEYS[4], 'dropped_server:' .. level, lost)
    dropped = dropped + lost
  end
  at = at + 3 * size
end
if groups ~= groups_before then redis.call('HINCRBY', KEYS[2], 'groups', groups - groups_before) end
if bytes ~= bytes_before then redis.call('HINCRBY', KEYS[2], 'bytes', bytes - bytes_before) end
if total > dropped then redis.call('HINCRBY', KEYS[2], 'in', total - dropped) end
return {1, new, folded, dropped, groups, bytes}
