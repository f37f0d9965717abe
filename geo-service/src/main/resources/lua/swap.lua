-- Puts a collection that was built aside in its place, where this builder still has the lease.
-- KEYS[1] index, [2] details, [3] built index, [4] built details, [5] ready, [6] lease
-- ARGV[1] the lease's token
-- Answers 1, or 0 where somebody else has the lease.
if redis.call('GET', KEYS[6]) ~= ARGV[1] then
  return 0
end
redis.call('DEL', KEYS[1], KEYS[2])
if redis.call('EXISTS', KEYS[3]) == 1 then
  redis.call('RENAME', KEYS[3], KEYS[1])
  redis.call('RENAME', KEYS[4], KEYS[2])
end
redis.call('PERSIST', KEYS[1])
redis.call('PERSIST', KEYS[2])
redis.call('SET', KEYS[5], '1')
redis.call('DEL', KEYS[6])
return 1
