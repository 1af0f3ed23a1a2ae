-- lost: how many events the server had taken and has no more, though nobody has gathered them.
--
-- KEYS  1 pending   2 claims   3 dead   4 state
-- ->    the events lost since the beginning; -1 while there is something to gather, for as long as
--       that is so nobody can tell without counting all of it
for i = 1, 3 do
  if redis.call('ZCARD', KEYS[i]) > 0 then return -1 end
end
local totals = redis.call('HMGET', KEYS[4], 'in', 'out')
return math.max(0, tonumber(totals[1] or 0) - tonumber(totals[2] or 0))
