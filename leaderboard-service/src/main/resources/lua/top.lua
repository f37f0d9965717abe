-- Reads a run of the order.
--
-- KEYS  order, players, meta
-- ARGV  offset from 0, limit
-- Answers {0} when the board has to be rebuilt first; else
--       {1, players, offset, {member, sort score, …}, {reached and name, …}}.
local size = redis.call('ZCARD', KEYS[1])
local known = redis.call('HGET', KEYS[3], 'players')
if not known or tonumber(known) ~= size or redis.call('HLEN', KEYS[2]) ~= size then
  return {0}
end
local offset, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
if limit == 0 then
  return {1, size, offset, {}, {}}
end
local found = redis.call('ZRANGE', KEYS[1], offset, offset + limit - 1, 'WITHSCORES')
local ids = {}
for i = 1, #found, 2 do
  ids[#ids + 1] = string.sub(found[i], 17)
end
local names = {}
if #ids > 0 then
  names = redis.call('HMGET', KEYS[2], unpack(ids))
end
return {1, size, offset, found, names}
