-- Drops an entry and moves the fence, so that a load under way is not kept afterwards; whoever
-- waits for that load is woken to begin one of its own.
-- KEYS  1 entry  2 fence  3 lease
-- ARGV  1 token of this invalidation  2 fence ttl in ms  3 version: an entry that is at least this
--       new stays ('' = none may stay)  4 'SPUBLISH' or 'PUBLISH'  5 channel of those who wait
-- Answers 1 when an entry was dropped, else 0. A fence without a TTL means that the database
-- does not have the entry yet (write-behind): it stays, for the next reader would bring back what it
-- replaces.
local fence = redis.call('GET', KEYS[2])
local newest = fence and tonumber(string.match(fence, '^(%d+) ') or '0') or 0
local kept = redis.call('GET', KEYS[1])
if fence and redis.call('PTTL', KEYS[2]) == -1 then
  return 0
end
if kept then
  local version = tonumber(string.match(kept, '^L2 %a (%d+) ') or '0')
  if ARGV[3] ~= '' and version > 0 and version >= tonumber(ARGV[3]) then
    return 0
  end
  newest = math.max(newest, version)
end
if ARGV[3] ~= '' then
  newest = math.max(newest, tonumber(ARGV[3]))
end
redis.call('SET', KEYS[2], string.format('%.0f', newest) .. ' ' .. ARGV[1], 'PX', ARGV[2])
if redis.call('DEL', KEYS[3]) == 1 then
  redis.call(ARGV[4], ARGV[5], 'invalidated')
end
return redis.call('DEL', KEYS[1])
