-- Says how many jobs are in which state, and which jobs have changed since a version.
--
-- KEYS  jobs, waiting, delayed, active, completed, failed, meta, changes, unrecorded
-- ARGV  version seen, or -1 for none; most jobs wanted; completed since (ms)
-- Answers {version, waiting, delayed, active, completed, failed, completed since, {job, …}}, each
--       job once and as it is now, the newest change first.
local version = tonumber(redis.call('HGET', KEYS[7], 'version') or 0)
local seen = tonumber(ARGV[1])
local found = {}
if seen >= 0 and version ~= seen then
  local last = version > seen and version - seen or 200
  local told = {}
  for _, id in ipairs(redis.call('LRANGE', KEYS[8], 0, math.min(last, 200) - 1)) do
    if #found == tonumber(ARGV[2]) then
      break
    end
    if not told[id] then
      told[id] = true
      local job = redis.call('HGET', KEYS[1], id)
      if job then
        found[#found + 1] = job
      end
    end
  end
end
return {
  version,
  redis.call('ZCARD', KEYS[2]),
  redis.call('ZCARD', KEYS[3]),
  redis.call('ZCARD', KEYS[4]),
  redis.call('ZCARD', KEYS[5]),
  redis.call('ZCARD', KEYS[6]),
  redis.call('ZCOUNT', KEYS[5], ARGV[3], '+inf'),
  found,
}
