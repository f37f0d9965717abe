-- Adds places to a collection that is built aside.
-- KEYS[1] built index, [2] built details, [3] lease
-- ARGV[1] the lease's token, [2] '1' for the first part, then for each place: id, longitude, latitude, JSON
-- Answers 1, or 0 where somebody else has the lease.
if redis.call('GET', KEYS[3]) ~= ARGV[1] then
  return 0
end
if ARGV[2] == '1' then
  redis.call('DEL', KEYS[1], KEYS[2])
end
for i = 3, #ARGV, 4 do
  redis.call('GEOADD', KEYS[1], ARGV[i + 1], ARGV[i + 2], ARGV[i])
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 3])
end
redis.call('PEXPIRE', KEYS[1], 60000)
redis.call('PEXPIRE', KEYS[2], 60000)
redis.call('PEXPIRE', KEYS[3], 30000)
return 1
