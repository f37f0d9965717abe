-- Ends an attempt at a leased job: it is tried again later, or has failed for good.
--
-- KEYS  jobs, waiting, delayed, active, completed, failed, meta, changes, unrecorded
-- ARGV  id, lease, now (ms), reason, wait before the next attempt (ms), most failed jobs kept
-- Answers {'done', job}; {'stale', job} when the lease is not the job's, {'missing'}; then nothing
--       was changed.
local jobs, delayed, active, failed, meta, changes, unrecorded =
  KEYS[1], KEYS[3], KEYS[4], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local id, now = ARGV[1], tonumber(ARGV[3])
local text = redis.call('HGET', jobs, id)
if not text then
  return {'missing'}
end
local job = cjson.decode(text)
if job.state ~= 'active' or job.lease ~= tonumber(ARGV[2]) then
  return {'stale', text}
end
job.lastError = ARGV[4]
job.lease = nil
job.leaseEndsAt = nil
redis.call('ZREM', active, id)
if job.attempt < job.maxAttempts then
  job.state = 'delayed'
  job.dueAt = now + tonumber(ARGV[5])
  redis.call('ZADD', delayed, job.dueAt, id)
else
  job.state = 'failed'
  job.finishedAt = now
  redis.call('ZADD', failed, now, id)
  redis.call('ZADD', unrecorded, now, id)
end
text = cjson.encode(job)
redis.call('HSET', jobs, id, text)
redis.call('HINCRBY', meta, 'version', 1)
redis.call('LPUSH', changes, id)
redis.call('LTRIM', changes, 0, 199)
local excess = redis.call('ZCARD', failed) - tonumber(ARGV[6])
if excess > 0 then
  for _, old in ipairs(redis.call('ZRANGE', failed, 0, math.min(excess, 20) - 1)) do
    if not redis.call('ZSCORE', unrecorded, old) then
      redis.call('ZREM', failed, old)
      redis.call('HDEL', jobs, old)
    end
  end
end
return {'done', text}
