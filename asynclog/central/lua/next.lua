-- next: what a gatherer is to do now.  Batches whose lease has run out come first, given to the
-- one that asks; then the oldest seconds that are over.
--
-- KEYS  1 pending   2 claims   3 cmeta   4 dead
-- ARGV  1 owner   2 lease, ms   3 grace, ms   4 how much is wanted   5 attempts a batch may have
-- ->    {ms of the server's clock, {batch, meta, ...}, {second, ...}, ms to wait if there is nothing}
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local grace, wanted, attempts_allowed = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])

-- Strangers may have put anything there; what is no second, or no batch, is thrown out.
local function is_second(text)
  return string.match(text or '', '^%-?%d+$') and math.abs(text) <= 9000000000
end

local again = {}
for _, batch in ipairs(redis.call('ZRANGE', KEYS[2], '-inf', now, 'BYSCORE', 'LIMIT', 0, wanted)) do
  -- ZREM goes first: it is allowed over maxmemory, and lets the writes behind it pass.
  redis.call('ZREM', KEYS[2], batch)
  local second, attempts, rest =
    string.match(redis.call('HGET', KEYS[3], batch) or '', '^(%-?%d+)|(%d+)|(%d+|%d+|%d+|%d+|)')
  if is_second(second) and string.match(batch, '^[%w_.:-]+$') then
    attempts = attempts + 1
    if attempts > attempts_allowed then
      redis.call('ZADD', KEYS[4], now, batch)
    else
      local meta = second .. '|' .. attempts .. '|' .. rest .. ARGV[1]
      redis.call('HSET', KEYS[3], batch, meta)
      redis.call('ZADD', KEYS[2], now + ARGV[2], batch)
      again[#again + 1] = batch
      again[#again + 1] = meta
    end
  end
end

local room, over, wait = wanted - #again / 2, {}, 1000
if room > 0 then
  local latest = math.floor((now - grace) / 1000) - 1  -- second s is over at (s + 1) * 1000 + grace
  local found = redis.call('ZRANGE', KEYS[1], '-inf', latest, 'BYSCORE', 'LIMIT', 0, room)
  for _, second in ipairs(found) do
    if is_second(second) then over[#over + 1] = second
    else redis.call('ZREM', KEYS[1], second) end
  end
  if #found == 0 then
    local oldest = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
    if is_second(oldest) then wait = math.min(wait, (oldest + 1) * 1000 + grace - now) end
    local lease_end = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2]
    if lease_end then wait = math.min(wait, tonumber(lease_end) - now) end
    wait = math.max(1, wait)
  end
end
if #again + #over > 0 then wait = 0 end
return {now, again, over, wait}
