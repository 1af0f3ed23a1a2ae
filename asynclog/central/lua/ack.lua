-- ack: a batch is in the store, so it is let go of.  To say it twice does nothing.
--
-- KEYS  1 claims   2 cmeta   3 state   4 ts of the batch   5 ev of the batch   6 dead
-- ARGV  1 batch   2 events in it
-- ->    1, or 0 where it is gone already
local fields, bytes =
  string.match(redis.call('HGET', KEYS[2], ARGV[1]) or '', '^%-?%d+|%d+|%d+|(%d+)|(%d+)|')
if not fields then return 0 end
redis.call('UNLINK', KEYS[4], KEYS[5])  -- frees memory, so it is allowed over maxmemory, and first
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[6], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
if bytes ~= '0' then  -- then one of the fields is the one that counts them
  redis.call('HINCRBY', KEYS[3], 'groups', 1 - fields)
  redis.call('HINCRBY', KEYS[3], 'bytes', -bytes)
end
redis.call('HINCRBY', KEYS[3], 'out', ARGV[2])
return 1
