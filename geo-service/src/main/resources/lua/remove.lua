-- Removes a place.
-- KEYS[1] index, [2] details, [3] deadlines, [4] events, [5] version
-- ARGV[1] id, [2] events kept
-- Answers 1, or 0 where there was none.
local there = redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
if there == 1 then
  redis.call('INCR', KEYS[5])
  redis.call('LPUSH', KEYS[4], '-' .. ARGV[1])
  redis.call('LTRIM', KEYS[4], 0, tonumber(ARGV[2]) - 1)
end
return there
