-- Accepts a write: keeps the entry without a TTL, moves the fence and queues the write, or nothing.
-- Whoever loads meanwhile loses the lease.
-- KEYS  1 entry  2 fence  3 lease  4 stream  5 dead letters (only to redrive one)
-- ARGV  1 most writes that may wait  2 entry  3 key  4 'SPUBLISH' or 'PUBLISH'
--       5 channel of those who wait for the lease  6 id of the dead letter
-- Answers {1, id, depth} accepted, {0, depth} full, {-1, newest} older than what was written
-- before, {-2} no such dead letter. The fence reads '<newest version> <stream id>': the id is how
-- behind-settle.lua knows that no other write came since.
local depth = redis.call('XLEN', KEYS[4])
if depth >= tonumber(ARGV[1]) then
  return {0, depth}
end
local kind, digits = string.match(ARGV[2], '^L2 (%a) (%d+) ')
local version = tonumber(digits)
local fence = redis.call('GET', KEYS[2])
local newest = fence and tonumber(string.match(fence, '^(%d+) ') or '0') or 0
local line = redis.call('GETRANGE', KEYS[1], 0, 63)
newest = math.max(newest, tonumber(string.match(line, '^L2 %a (%d+) ') or '0'))
if version > 0 and version < newest then
  return {-1, string.format('%.0f', newest)}
end
if KEYS[5] and redis.call('XDEL', KEYS[5], ARGV[6]) == 0 then
  return {-2}
end
local payload = string.sub(ARGV[2], string.find(ARGV[2], '\n', 1, true) + 1)
local id = redis.call('XADD', KEYS[4], '*', 'key', ARGV[3], 'kind', kind, 'version', digits,
    'payload', payload)
redis.call('SET', KEYS[2], string.format('%.0f', math.max(version, newest)) .. ' ' .. id)
redis.call('SET', KEYS[1], ARGV[2])
if redis.call('DEL', KEYS[3]) == 1 then
  redis.call(ARGV[4], ARGV[5], 'written')
end
return {1, id, depth + 1}
