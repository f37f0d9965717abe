-- Gives a partition back, if it is still this owner's.
-- KEYS  1 lease
-- ARGV  1 the lease as its owner knows it
-- Answers 1 given back, 0 not held.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
