-- Drops an entry and moves the fence, so that a load under way is not kept afterwards.
-- KEYS  1 entry  2 fence
-- ARGV  1 token of this invalidation  2 fence ttl in ms
-- Answers 1 when there was an entry, else 0.
local fence = redis.call('GET', KEYS[2])
local newest = fence and tonumber(string.match(fence, '^(%d+) ') or '0') or 0
local kept = redis.call('GET', KEYS[1])
if kept then
  newest = math.max(newest, tonumber(string.match(kept, '^L1 %a %d+ (%d+)\n') or '0'))
end
redis.call('SET', KEYS[2], string.format('%.0f', newest) .. ' ' .. ARGV[1], 'PX', ARGV[2])
return redis.call('DEL', KEYS[1])
