-- Makes the board under construction the board, all at once, and gives the lease back.
--
-- KEYS  lease, order and players under construction, order, players, meta, changes
-- ARGV  token of the lease, time up to which standings are surely in it (µs since 1970)
-- Answers 1, or 0 when the lease is somebody else's by now.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('DEL', KEYS[4], KEYS[5], KEYS[7])
if redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('RENAME', KEYS[2], KEYS[4])
  redis.call('RENAME', KEYS[3], KEYS[5])
  redis.call('PERSIST', KEYS[4])
  redis.call('PERSIST', KEYS[5])
end
-- The version goes on from a time, so it never falls behind one that a reader has seen.
redis.call('HSET', KEYS[6], 'players', redis.call('ZCARD', KEYS[4]), 'version', ARGV[2], 'repairedTo', ARGV[2])
redis.call('DEL', KEYS[1])
return 1
