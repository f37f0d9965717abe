-- Opens a session.
-- KEYS[1] the session's hash
-- ARGV[1] person id, [2] display name, [3] now, [4] end of its lifetime, [5] idle time; all in ms
-- Answers 1, or 0 where the key is taken (an id that was used before, or its tombstone).
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
redis.call('HSET', KEYS[1], 'person', ARGV[1], 'name', ARGV[2], 'created', ARGV[3],
  'seen', ARGV[3], 'ends', ARGV[4])
redis.call('PEXPIRE', KEYS[1], math.min(tonumber(ARGV[5]), tonumber(ARGV[4]) - tonumber(ARGV[3])))
return 1
