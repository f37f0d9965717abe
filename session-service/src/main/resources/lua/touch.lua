-- Notes a use of a session: its idle time begins anew, its lifetime does not.
-- KEYS[1] the session's hash
-- ARGV[1] now, [2] idle time; in ms
-- Answers {person id, display name}, or nothing where it has ended.
local session = redis.call('HMGET', KEYS[1], 'person', 'name', 'ends')
if not session[1] then
  return false
end
local left = tonumber(session[3]) - tonumber(ARGV[1])
if left <= 0 then
  redis.call('DEL', KEYS[1])
  return false
end
redis.call('HSET', KEYS[1], 'seen', ARGV[1])
redis.call('PEXPIRE', KEYS[1], math.min(tonumber(ARGV[2]), left))
return {session[1], session[2]}
