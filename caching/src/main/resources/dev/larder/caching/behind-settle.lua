-- Takes writes that the database has out of the queue; an entry whose last write is among them is
-- clean from now on and gets the TTL that its header names.
-- KEYS  1 stream  2.. entry and fence of each key, in pairs
-- ARGV  1 fence ttl in ms  2.. id of each key's last write here; then the ids of all writes
-- Answers how many were still queued. Needs no lease: what is committed may be settled by anyone.
local keys = (#KEYS - 1) / 2
for i = 1, keys do
  local entry, fence = KEYS[2 * i], KEYS[2 * i + 1]
  local seen = redis.call('GET', fence)
  if seen and string.match(seen, '^%d+ (.*)$') == ARGV[i + 1] then
    local ttl = string.match(redis.call('GETRANGE', entry, 0, 127), '^L2 %a %d+ (%d+) ')
    redis.call('PEXPIRE', entry, ttl or '1')
    redis.call('PEXPIRE', fence, ARGV[1])
  end
end
local settled = 0
for i = keys + 2, #ARGV do
  settled = settled + redis.call('XDEL', KEYS[1], ARGV[i])
end
return settled
