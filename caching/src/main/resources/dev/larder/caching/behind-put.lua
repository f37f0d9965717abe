-- Accepts a write: keeps the entry without a TTL, moves the fence and queues the write, or nothing.
-- KEYS  1 entry  2 fence  3 stream  4 dead letters (only to redrive one)
-- ARGV  1 most writes that may wait  2 version (0 = unversioned)  3 header of the entry
--       4 payload ('' = removed)  5 'v' or 'n' (removed)  6 key  7 id of the dead letter
-- Answers {1, id, depth} accepted, {0, depth} full, {-1, newest} older than what was written
-- before, {-2} no such dead letter. The fence reads '<newest version> <stream id>': the id is how
-- behind-settle.lua knows that no other write came since.
local depth = redis.call('XLEN', KEYS[3])
if depth >= tonumber(ARGV[1]) then
  return {0, depth}
end
local version = tonumber(ARGV[2])
local fence = redis.call('GET', KEYS[2])
local newest = fence and tonumber(string.match(fence, '^(%d+) ') or '0') or 0
local header = redis.call('GETRANGE', KEYS[1], 0, 63)
newest = math.max(newest, tonumber(string.match(header, '^L2 %a (%d+) ') or '0'))
if version > 0 and version < newest then
  return {-1, string.format('%.0f', newest)}
end
if KEYS[4] and redis.call('XDEL', KEYS[4], ARGV[7]) == 0 then
  return {-2}
end
local id = redis.call('XADD', KEYS[3], '*', 'key', ARGV[6], 'kind', ARGV[5],
    'version', ARGV[2], 'payload', ARGV[4])
redis.call('SET', KEYS[2], string.format('%.0f', math.max(version, newest)) .. ' ' .. id)
redis.call('SET', KEYS[1], ARGV[3] .. ARGV[4])
return {1, id, depth + 1}
