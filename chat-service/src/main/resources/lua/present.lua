-- Who is in a room; forgets those who were not heard of.
-- KEYS[1] the room's people, by when they were heard of
-- ARGV[1] the oldest time that counts, in ms, [2] most people
-- Answers them as JSON, in no order.
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1])
return redis.call('ZRANGE', KEYS[1], 0, tonumber(ARGV[2]) - 1)
