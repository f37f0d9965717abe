-- Puts places into a collection, all at once.
-- KEYS[1] index, [2] details, [3] deadlines, [4] events, [5] version, [6] ready
-- ARGV[1] '1' where the collection has to be ready first, [2] events kept;
-- then for each place: id, longitude, latitude, deadline in ms (0: none), details as JSON
-- Answers how many were new; -1 where the collection is not ready, and nothing changed.
if ARGV[1] == '1' and redis.call('EXISTS', KEYS[6]) == 0 then
  return -1
end
local added = 0
for i = 3, #ARGV, 5 do
  redis.call('GEOADD', KEYS[1], ARGV[i + 1], ARGV[i + 2], ARGV[i])
  added = added + redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 4])
  if ARGV[i + 3] == '0' then
    redis.call('ZREM', KEYS[3], ARGV[i])
  else
    redis.call('ZADD', KEYS[3], ARGV[i + 3], ARGV[i])
  end
  redis.call('INCR', KEYS[5])
  redis.call('LPUSH', KEYS[4], '+' .. ARGV[i + 4])
end
redis.call('LTRIM', KEYS[4], 0, tonumber(ARGV[2]) - 1)
return added
