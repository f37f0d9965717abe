-- Places around a point, nearest first.
-- KEYS[1] index, [2] details, [3] deadlines, [4] ready
-- ARGV[1] '1' where the collection has to be ready first, [2] now in ms,
-- [3] longitude, [4] latitude, [5] 'BYRADIUS' or 'BYBOX', [6] radius or width in m, [7] height, [8] count
-- Answers details as JSON, one a place; nothing where the collection is not ready.
if ARGV[1] == '1' and redis.call('EXISTS', KEYS[4]) == 0 then
  return false
end
local ids
if ARGV[5] == 'BYRADIUS' then
  ids = redis.call('GEOSEARCH', KEYS[1], 'FROMLONLAT', ARGV[3], ARGV[4], 'BYRADIUS', ARGV[6], 'm',
    'ASC', 'COUNT', ARGV[8])
else
  ids = redis.call('GEOSEARCH', KEYS[1], 'FROMLONLAT', ARGV[3], ARGV[4], 'BYBOX', ARGV[6], ARGV[7],
    'm', 'ASC', 'COUNT', ARGV[8])
end
local found = {}
for _, id in ipairs(ids) do
  local deadline = redis.call('ZSCORE', KEYS[3], id)
  if not deadline or tonumber(deadline) > tonumber(ARGV[2]) then
    found[#found + 1] = redis.call('HGET', KEYS[2], id)
  end
end
return found
