-- Adds standings to the board under construction, for whoever holds the lease.
--
-- KEYS  lease, order and players under construction
-- ARGV  token of the lease, its length in ms, 'first' or 'next'; then for each standing:
--       player id, reached (16 hex digits), sort score, name
-- Answers 1, or 0 when the lease is somebody else's by now.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if ARGV[3] == 'first' then
  redis.call('DEL', KEYS[2], KEYS[3])
end
for i = 4, #ARGV, 4 do
  -- A page may tell of a player twice only with a later standing: the table is read by player id.
  redis.call('ZADD', KEYS[2], ARGV[i + 2], ARGV[i + 1] .. ARGV[i])
  redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1] .. ARGV[i + 3])
end
-- Nobody may be left to clean up.
redis.call('PEXPIRE', KEYS[2], 600000)
redis.call('PEXPIRE', KEYS[3], 600000)
return 1
