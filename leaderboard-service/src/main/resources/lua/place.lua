-- Puts standings where they belong and says where one of them came from and went to.
--
-- KEYS  order, players, meta, changes
-- ARGV  one for a single player of whom others shall hear, many for a load; then for each:
--       player id, reached (16 hex digits), sort score (integer, lowest ranks first), name
-- Answers {0} when the board has to be rebuilt first and nothing was changed; else
--       {1, rank from 0, previous rank from 0 or -1, players} of the last standing named.
--
-- A standing carries when it was reached, which grows with each of a player's scores. An older
-- one than is known is passed over, so writers may come late, twice or in any order.
local order, players, meta, changes = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local known = redis.call('HGET', meta, 'players')
local size = redis.call('ZCARD', order)
if not known or tonumber(known) ~= size or redis.call('HLEN', players) ~= size then
  return {0}
end

local added, changed = 0, false
local rank, previous = -1, -1
for i = 2, #ARGV, 4 do
  local id, reached, score, name = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local now = redis.call('HGET', players, id)
  local was = now and string.sub(now, 1, 16)
  previous = -1
  if was then
    previous = redis.call('ZRANK', order, was .. id) or -1
  end
  if not was or was < reached then
    if was then
      redis.call('ZREM', order, was .. id)
    else
      added = added + 1
    end
    redis.call('ZADD', order, score, reached .. id)
    redis.call('HSET', players, id, reached .. name)
    was = reached
    changed = true
  elseif was == reached and now ~= reached .. name then
    redis.call('HSET', players, id, reached .. name)
    changed = true
  end
  rank = redis.call('ZRANK', order, was .. id) or -1
  if changed and ARGV[1] == 'one' then
    redis.call('LPUSH', changes, rank .. ' ' .. previous .. ' ' .. score .. ' ' .. id .. ' ' .. name)
    redis.call('LTRIM', changes, 0, 99)
  end
end
if added > 0 then
  redis.call('HINCRBY', meta, 'players', added)
end
if changed then
  redis.call('HINCRBY', meta, 'version', 1)
end
return {1, rank, previous, size + added}
