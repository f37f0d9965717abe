-- Completes a leased job.
--
-- KEYS  jobs, waiting, delayed, active, completed, failed, meta, changes, unrecorded
-- ARGV  id, lease, now (ms), result (JSON, or empty for none), most completed jobs kept
-- Answers {'done', job}; {'again', job} when this very lease has completed it before;
--       {'stale', job} when the lease is not the job's, {'missing'}; then nothing was changed.
--
-- A lease that has run out is good until the job has been returned: nobody else has it yet.
local jobs, active, completed, meta, changes, unrecorded =
  KEYS[1], KEYS[4], KEYS[5], KEYS[7], KEYS[8], KEYS[9]
local id, now = ARGV[1], tonumber(ARGV[3])
local text = redis.call('HGET', jobs, id)
if not text then
  return {'missing'}
end
local job = cjson.decode(text)
if job.lease ~= tonumber(ARGV[2]) then
  return {'stale', text}
end
if job.state == 'completed' then
  return {'again', text}
end
if job.state ~= 'active' then
  return {'stale', text}
end
job.state = 'completed'
job.finishedAt = now
job.leaseEndsAt = nil
if ARGV[4] ~= '' then
  job.result = ARGV[4]
end
text = cjson.encode(job)
redis.call('HSET', jobs, id, text)
redis.call('ZREM', active, id)
redis.call('ZADD', completed, now, id)
redis.call('ZADD', unrecorded, now, id)
redis.call('HINCRBY', meta, 'version', 1)
redis.call('LPUSH', changes, id)
redis.call('LTRIM', changes, 0, 199)
-- The oldest make room, but not before PostgreSQL has them.
local excess = redis.call('ZCARD', completed) - tonumber(ARGV[5])
if excess > 0 then
  for _, old in ipairs(redis.call('ZRANGE', completed, 0, math.min(excess, 20) - 1)) do
    if not redis.call('ZSCORE', unrecorded, old) then
      redis.call('ZREM', completed, old)
      redis.call('HDEL', jobs, old)
    end
  end
end
return {'done', text}
