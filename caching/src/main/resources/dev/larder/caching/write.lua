-- Keeps what a writer committed and moves the fence, unless a newer version went through before.
-- Whoever loads meanwhile loses the lease, for it may have read what is now replaced.
-- KEYS  1 entry  2 fence  3 lease
-- ARGV  1 token of this write  2 fence ttl in ms  3 version (0 = unversioned)  4 ttl in ms  5 entry
--       6 'SPUBLISH' or 'PUBLISH'  7 channel of those who wait
-- Answers 1 kept, 0 refused. The fence reads '<newest version> <token>' and outlives the entry, so
-- an older write that arrives late is known as such even when the newer entry is already gone.
-- A fence without a TTL means a write-behind that will come after this one: its entry stays.
local version = tonumber(ARGV[3])
local fence = redis.call('GET', KEYS[2])
local newest = fence and tonumber(string.match(fence, '^(%d+) ') or '0') or 0
local kept = redis.call('GET', KEYS[1])
if fence and redis.call('PTTL', KEYS[2]) == -1 then
  return 0
end
if kept then
  newest = math.max(newest, tonumber(string.match(kept, '^L2 %a (%d+) ') or '0'))
end
if version > 0 and version < newest then
  return 0
end
redis.call('SET', KEYS[2], string.format('%.0f', math.max(version, newest)) .. ' ' .. ARGV[1], 'PX', ARGV[2])
redis.call('SET', KEYS[1], ARGV[5], 'PX', ARGV[4])
if redis.call('DEL', KEYS[3]) == 1 then
  redis.call(ARGV[6], ARGV[7], 'written')
end
return 1
