-- Takes an id out of the index unless a reader has entered it again meanwhile.
-- KEYS  1 index
-- ARGV  1 id  2 the score it had before its entry was dropped
-- Answers 1 taken out, 0 left.
-- Compared as numbers: RESP3 clients spell a double in their own way.
local due = redis.call('ZSCORE', KEYS[1], ARGV[1])
if due and tonumber(due) == tonumber(ARGV[2]) then
  return redis.call('ZREM', KEYS[1], ARGV[1])
end
return 0
