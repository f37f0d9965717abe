-- Lets a failed job wait again, with as many attempts as it had at first.
--
-- KEYS  jobs, waiting, delayed, active, completed, failed, meta, changes, unrecorded
-- ARGV  id
-- Answers {'done', job}; {'stale', job} when it has not failed, {'missing'}; then nothing was
--       changed.
local jobs, waiting, failed, meta, changes, unrecorded =
  KEYS[1], KEYS[2], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local id = ARGV[1]
local text = redis.call('HGET', jobs, id)
if not text then
  return {'missing'}
end
local job = cjson.decode(text)
if job.state ~= 'failed' then
  return {'stale', text}
end
job.state = 'waiting'
job.order = redis.call('HINCRBY', meta, 'order', 1)
job.maxAttempts = job.attempt + job.tries
job.finishedAt = nil
job.dueAt = nil
text = cjson.encode(job)
redis.call('HSET', jobs, id, text)
redis.call('ZREM', failed, id)
redis.call('ZREM', unrecorded, id)
redis.call('ZADD', waiting, job.order, id)
redis.call('HINCRBY', meta, 'version', 1)
redis.call('LPUSH', changes, id)
redis.call('LTRIM', changes, 0, 199)
return {'done', text}
