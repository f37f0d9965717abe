-- Takes a partition that nobody holds, or renews it for its owner.
-- KEYS  1 lease  2 last fencing token
-- ARGV  1 worker  2 ttl in ms  3 the token held (0 = to take)  4 a token that the next must exceed
-- Answers the fencing token, or 0 when another holds it (or, to renew, nobody any more).
-- A token is at least the time in ms, so that a store that came back empty still draws higher ones.
local held = redis.call('GET', KEYS[1])
if ARGV[3] ~= '0' then
  if held == ARGV[3] .. ' ' .. ARGV[1] then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    return ARGV[3]
  end
  return '0'
end
if held then
  return '0'
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
local token = string.format('%.0f', math.max(last, now, tonumber(ARGV[4])) + 1)
redis.call('SET', KEYS[2], token)
redis.call('SET', KEYS[1], token .. ' ' .. ARGV[1], 'PX', ARGV[2])
return token
