-- requeue: give a dead letter another chance, with its attempts counted anew.
--
-- KEYS  1 claims   2 cmeta   3 dead
-- ARGV  1 batch
-- ->    1, or 0 where it is no dead letter
if redis.call('ZREM', KEYS[3], ARGV[1]) == 0 then return 0 end
local second, rest =
  string.match(redis.call('HGET', KEYS[2], ARGV[1]) or '', '^(%-?%d+)|%d+|(%d+|%d+|%d+|%d+|)')
if not second then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], second .. '|0|' .. rest)
redis.call('ZADD', KEYS[1], 0, ARGV[1])  -- a lease that has run out: `next` hands it on
return 1
