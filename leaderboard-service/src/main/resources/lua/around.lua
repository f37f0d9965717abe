-- Reads a player's standing with those just ahead and just behind.
--
-- KEYS  order, players, meta
-- ARGV  player id, how many on each side
-- Answers {0} when the board has to be rebuilt first, {1, players} when the player has no
--       standing; else {1, players, offset, {member, sort score, …}, {reached and name, …}}.
local size = redis.call('ZCARD', KEYS[1])
local known = redis.call('HGET', KEYS[3], 'players')
if not known or tonumber(known) ~= size or redis.call('HLEN', KEYS[2]) ~= size then
  return {0}
end
local span = tonumber(ARGV[2])
local place = redis.call('HGET', KEYS[2], ARGV[1])
local rank = place and redis.call('ZRANK', KEYS[1], string.sub(place, 1, 16) .. ARGV[1])
if not rank then
  return {1, size}
end
local offset = math.max(0, rank - span)
local found = redis.call('ZRANGE', KEYS[1], offset, rank + span, 'WITHSCORES')
local ids = {}
for i = 1, #found, 2 do
  ids[#ids + 1] = string.sub(found[i], 17)
end
return {1, size, offset, found, redis.call('HMGET', KEYS[2], unpack(ids))}
