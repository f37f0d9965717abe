-- A token bucket: takes one token.
-- KEYS[1] the bucket
-- ARGV[1] now in ms, [2] how many it holds, [3] how many come a second
-- Answers 1, or 0 where it is empty.
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(bucket[1]) or tonumber(ARGV[2])
local at = tonumber(bucket[2]) or tonumber(ARGV[1])
local passed = math.max(0, tonumber(ARGV[1]) - at) / 1000
tokens = math.min(tonumber(ARGV[2]), tokens + passed * tonumber(ARGV[3]))
local taken = 0
if tokens >= 1 then
  tokens = tokens - 1
  taken = 1
end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', ARGV[1])
redis.call('PEXPIRE', KEYS[1], math.ceil(tonumber(ARGV[2]) / tonumber(ARGV[3]) * 1000) + 1000)
return taken
