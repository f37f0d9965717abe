-- Says whether a board has changed since a version, and which single changes are still known.
--
-- KEYS  order, players, meta, changes
-- ARGV  version seen, or -1 for none; most changes wanted
-- Answers {0} when the board has to be rebuilt first; else {1, version, {change, …}}, newest
--       first, a change being "rank previousRank sortScore playerId name", ranks from 0.
local size = redis.call('ZCARD', KEYS[1])
local known = redis.call('HMGET', KEYS[3], 'players', 'version')
if not known[1] or tonumber(known[1]) ~= size or redis.call('HLEN', KEYS[2]) ~= size then
  return {0}
end
local seen, version = tonumber(ARGV[1]), tonumber(known[2])
if seen < 0 or version <= seen then
  return {1, version, {}}
end
local wanted = math.min(tonumber(ARGV[2]), version - seen)
return {1, version, redis.call('LRANGE', KEYS[4], 0, wanted - 1)}
