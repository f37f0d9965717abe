-- Keeps what a reader loaded, unless somebody wrote since that reader took its turn; ends its lease
-- and wakes those who wait for it.
-- KEYS  1 entry  2 fence  3 lease
-- ARGV  1 the fence the reader saw ('' = none)  2 '1' = protected  3 version  4 ttl in ms  5 entry
--       6 token of the reader  7 'SPUBLISH' or 'PUBLISH'  8 channel of those who wait
-- Answers 1 kept, 0 refused. A fence without a TTL means that the database does not have the
-- entry yet (write-behind): nothing that was loaded replaces it.
local function keep()
  if redis.call('PTTL', KEYS[2]) == -1 then
    return 0
  end
  if ARGV[2] == '1' then
    if (redis.call('GET', KEYS[2]) or '') ~= ARGV[1] then
      return 0
    end
    local kept = redis.call('GET', KEYS[1])
    if kept then
      local version = tonumber(string.match(kept, '^L2 %a (%d+) ') or '0')
      if version > tonumber(ARGV[3]) then
        return 0
      end
    end
  end
  redis.call('SET', KEYS[1], ARGV[5], 'PX', ARGV[4])
  return 1
end
local kept = keep()
if redis.call('GET', KEYS[3]) == ARGV[6] then
  redis.call('DEL', KEYS[3])
  redis.call(ARGV[7], ARGV[8], 'filled')
end
return kept
