-- Leases the jobs that have waited longest to a worker.
--
-- KEYS  jobs, waiting, delayed, active, completed, failed, meta, changes, unrecorded
-- ARGV  now (ms), worker, most jobs, how long until they return by themselves (ms), types wanted
--       (all when none is named)
-- Answers the jobs, each with its lease: a number that grows with every lease of the queue, so an
--       older one is known to be stale.
local jobs, waiting, active, meta, changes = KEYS[1], KEYS[2], KEYS[4], KEYS[7], KEYS[8]
local now, most, visible = tonumber(ARGV[1]), tonumber(ARGV[3]), tonumber(ARGV[4])
local wanted, seen = {}, most
for i = 5, #ARGV do
  wanted[ARGV[i]] = true
  -- Who is choosy looks past this many others and no further.
  seen = 50
end
local taken = {}
for _, id in ipairs(redis.call('ZRANGE', waiting, 0, seen - 1)) do
  if #taken == most then
    break
  end
  local known = redis.call('HGET', jobs, id)
  local job = known and cjson.decode(known)
  if not job then
    redis.call('ZREM', waiting, id)
  elseif #ARGV < 5 or wanted[job.type] then
    job.state = 'active'
    job.attempt = job.attempt + 1
    job.worker = ARGV[2]
    job.lease = redis.call('HINCRBY', meta, 'lease', 1)
    job.leaseEndsAt = now + visible
    local text = cjson.encode(job)
    redis.call('ZREM', waiting, id)
    redis.call('ZADD', active, job.leaseEndsAt, id)
    redis.call('HSET', jobs, id, text)
    redis.call('HINCRBY', meta, 'version', 1)
    redis.call('LPUSH', changes, id)
    taken[#taken + 1] = text
  end
end
redis.call('LTRIM', changes, 0, 199)
return taken
