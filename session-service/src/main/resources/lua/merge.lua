-- Merges attributes into a session, each field by itself, so that two merges at once lose nothing.
-- KEYS[1] the session's hash
-- ARGV[1] most attributes, then for each: '+' or '-', name, value (empty for '-')
-- Answers 1; 0 where the session has ended; -1 where it would have too many, and nothing changed.
if redis.call('HEXISTS', KEYS[1], 'person') == 0 then
  return 0
end
local count = redis.call('HLEN', KEYS[1]) - 5
for i = 2, #ARGV, 3 do
  local there = redis.call('HEXISTS', KEYS[1], 'a:' .. ARGV[i + 1])
  if ARGV[i] == '+' then
    count = count + 1 - there
  else
    count = count - there
  end
end
if count > tonumber(ARGV[1]) then
  return -1
end
for i = 2, #ARGV, 3 do
  if ARGV[i] == '+' then
    redis.call('HSET', KEYS[1], 'a:' .. ARGV[i + 1], ARGV[i + 2])
  else
    redis.call('HDEL', KEYS[1], 'a:' .. ARGV[i + 1])
  end
end
return 1
