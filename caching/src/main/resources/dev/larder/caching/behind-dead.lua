-- Moves one write from the queue to the dead letters. Its entry is dropped, unless another write
-- came since: the database does not have it and readers shall see what the database has.
-- KEYS  1 lease  2 stream  3 dead letters  4 entry  5 fence
-- ARGV  1 the lease as its owner knows it  2 id  3 most dead letters  4 reason  5 attempts
--       6 fence ttl in ms
-- Answers 1 moved, 0 not queued, -1 another owner holds the partition, -2 no place.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return -1
end
local found = redis.call('XRANGE', KEYS[2], ARGV[2], ARGV[2])[1]
if not found then
  return 0
end
if redis.call('XLEN', KEYS[3]) >= tonumber(ARGV[3]) then
  return -2
end
local fields = found[2]
for _, more in ipairs({'id', ARGV[2], 'reason', ARGV[4], 'attempts', ARGV[5]}) do
  fields[#fields + 1] = more
end
local letter = redis.call('XADD', KEYS[3], '*', unpack(fields))
redis.call('XDEL', KEYS[2], ARGV[2])
local newest, token = string.match(redis.call('GET', KEYS[5]) or '', '^(%d+) (.*)$')
if token == ARGV[2] then
  redis.call('DEL', KEYS[4])
  redis.call('SET', KEYS[5], newest .. ' dead-' .. letter, 'PX', ARGV[6])
end
return 1
