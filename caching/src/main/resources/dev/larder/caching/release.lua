-- Ends the lease of a reader whose load failed, and wakes those who wait: one of them tries next.
-- KEYS  1 lease
-- ARGV  1 token of the reader  2 'SPUBLISH' or 'PUBLISH'  3 channel of those who wait
-- Answers 1 when the lease was still this reader's, else 0.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('DEL', KEYS[1])
redis.call(ARGV[2], ARGV[3], 'released')
return 1
