-- Takes an id out of the index unless a reader has entered it again meanwhile.
-- KEYS  1 index
-- ARGV  1 id  2 the score it had before its entry was dropped
-- Answers 1 taken out, 0 left.
if redis.call('ZSCORE', KEYS[1], ARGV[1]) == ARGV[2] then
  return redis.call('ZREM', KEYS[1], ARGV[1])
end
return 0
