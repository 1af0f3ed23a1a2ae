-- claim: make one second that is over an immutable batch, under a lease.  Two RENAMEs, whatever
-- there is in it; events that come later make the second anew, and another batch of it.
--
-- KEYS  1 pending   2 claims   3 cmeta   4 ts of the second   5 ev of the second
--       6 ts of the batch   7 ev of the batch
-- ARGV  1 second   2 batch, an id that its owner makes   3 owner   4 lease, ms   5 grace, ms
-- ->    {1, meta}          claimed, now or by an earlier call with the same id
--       {0}                another one has it
--       {-1, ms to wait}   the second is not over
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local meta = redis.call('HGET', KEYS[3], ARGV[2])
if meta then return {1, meta} end
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return {0} end
local over_at = (ARGV[1] + 1) * 1000 + ARGV[5]
if now < over_at then return {-1, over_at - now} end

redis.call('ZREM', KEYS[1], ARGV[1])  -- allowed over maxmemory, and first
-- What a stranger has put in the place of either is taken as well, and found out by who reads it.
local function size(command, key)
  local n = redis.pcall(command, key)
  return type(n) == 'number' and n or 1
end
local repeated, fields, bytes = size('ZCARD', KEYS[4]), size('HLEN', KEYS[5]), 0
if repeated + fields == 0 then return {0} end
if repeated > 0 then redis.call('RENAME', KEYS[4], KEYS[6]) end
if fields > 0 then
  local counted = redis.pcall('HGET', KEYS[5], '~b')
  bytes = type(counted) == 'string' and tonumber(string.match(counted, '^%d+$')) or 0
  redis.call('RENAME', KEYS[5], KEYS[7])
end
meta = string.format('%s|1|%d|%d|%d|%.0f|%s', ARGV[1], repeated, fields, bytes, now, ARGV[3])
redis.call('HSET', KEYS[3], ARGV[2], meta)
redis.call('ZADD', KEYS[2], now + ARGV[4], ARGV[2])
return {1, meta}
