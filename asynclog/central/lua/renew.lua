-- renew: prolong a lease that is still the owner's; asked before delivery, it is the fence.
--
-- KEYS  1 claims   2 cmeta
-- ARGV  1 batch   2 owner   3 lease, ms; 0 gives the batch back at once
-- ->    {1, ms since it was first claimed}  or  {0}  it is not the owner's any more
local meta = redis.call('HGET', KEYS[2], ARGV[1])
local claimed_at, owner = string.match(meta or '', '^%-?%d+|%d+|%d+|%d+|%d+|(%d+)|(.*)$')
if owner ~= ARGV[2] or not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return {0} end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('ZREM', KEYS[1], ARGV[1])  -- allowed over maxmemory; lets the ZADD pass
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
return {1, now - claimed_at}
