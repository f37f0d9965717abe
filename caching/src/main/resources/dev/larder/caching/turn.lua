-- What a reader is to do that found nothing, or an entry that it wants to replace.
-- KEYS  1 entry  2 fence  3 lease
-- ARGV  1 token of this reader  2 lease in ms (0 = none)  3 first line of the entry it saw ('' = none)
-- Answers {what, entry, ms, fence}: 'found' another entry and its ms to live; 'yours' to load;
-- 'wait' for the reader that has the lease, which ends in so many ms.
local fence = redis.call('GET', KEYS[2]) or ''
local kept = redis.call('GET', KEYS[1])
if kept and string.match(kept, '^[^\n]*') ~= ARGV[3] then
  return {'found', kept, redis.call('PTTL', KEYS[1]), fence}
end
if ARGV[2] == '0' then
  return {'yours', '', 0, fence}
end
if redis.call('SET', KEYS[3], ARGV[1], 'NX', 'PX', ARGV[2])
    or redis.call('GET', KEYS[3]) == ARGV[1] then
  return {'yours', '', 0, fence}
end
return {'wait', '', redis.call('PTTL', KEYS[3]), fence}
