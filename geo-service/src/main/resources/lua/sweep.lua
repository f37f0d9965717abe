-- Removes what has run out of time, some at a call. Every instance may call it: each removal
-- happens, and is announced, once.
-- KEYS[1] index, [2] details, [3] deadlines, [4] events, [5] version
-- ARGV[1] now in ms, [2] most removals, [3] events kept
-- Answers how many were removed.
local over = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, id in ipairs(over) do
  redis.call('ZREM', KEYS[1], id)
  redis.call('HDEL', KEYS[2], id)
  redis.call('ZREM', KEYS[3], id)
  redis.call('INCR', KEYS[5])
  redis.call('LPUSH', KEYS[4], '-' .. id)
end
if #over > 0 then
  redis.call('LTRIM', KEYS[4], 0, tonumber(ARGV[3]) - 1)
end
return #over
