-- Keeps what a reader loaded, unless somebody wrote since that reader found nothing.
-- KEYS  1 entry  2 fence
-- ARGV  1 the fence the reader saw ('' = none)  2 '1' = protected  3 version  4 ttl in ms  5 entry
-- Answers 1 kept, 0 refused.
if ARGV[2] == '1' then
  if (redis.call('GET', KEYS[2]) or '') ~= ARGV[1] then
    return 0
  end
  local kept = redis.call('GET', KEYS[1])
  if kept then
    local version = tonumber(string.match(kept, '^L1 %a %d+ (%d+)\n') or '0')
    if version > tonumber(ARGV[3]) then
      return 0
    end
  end
end
redis.call('SET', KEYS[1], ARGV[5], 'PX', ARGV[4])
return 1
