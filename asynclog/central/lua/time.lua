-- time: the clock of the server that holds a shard.
--
-- KEYS  1 any key of the shard
-- ->    {seconds since the epoch, microseconds}
return redis.call('TIME')
