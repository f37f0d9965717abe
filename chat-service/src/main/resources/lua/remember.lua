-- Keeps a message among the room's newest.
-- KEYS[1] the room's recent messages
-- ARGV[1] id, [2] the message as JSON, [3] how many are kept
-- Answers how many there are.
redis.call('ZREMRANGEBYSCORE', KEYS[1], ARGV[1], ARGV[1])
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -tonumber(ARGV[3]) - 1)
return redis.call('ZCARD', KEYS[1])
