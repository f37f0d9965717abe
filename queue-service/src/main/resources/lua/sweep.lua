-- Promotes delayed jobs that are due and returns jobs whose lease ran out. Any instance may do it
-- at any time.
--
-- KEYS  jobs, waiting, delayed, active, completed, failed, meta, changes, unrecorded
-- ARGV  now (ms), most jobs of each kind
-- Answers {1 when the finished jobs were restored since the store last lost them, else 0;
--       how many jobs were moved}.
local jobs, waiting, delayed, active, failed, meta, changes, unrecorded =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local now, most = tonumber(ARGV[1]), ARGV[2]
local moved = 0

for _, id in ipairs(redis.call('ZRANGEBYSCORE', delayed, '-inf', now, 'LIMIT', 0, most)) do
  local known = redis.call('HGET', jobs, id)
  redis.call('ZREM', delayed, id)
  if known then
    local job = cjson.decode(known)
    job.state = 'waiting'
    job.dueAt = nil
    job.order = redis.call('HINCRBY', meta, 'order', 1)
    redis.call('ZADD', waiting, job.order, id)
    redis.call('HSET', jobs, id, cjson.encode(job))
    redis.call('LPUSH', changes, id)
    moved = moved + 1
  end
end

for _, id in ipairs(redis.call('ZRANGEBYSCORE', active, '-inf', now, 'LIMIT', 0, most)) do
  local known = redis.call('HGET', jobs, id)
  redis.call('ZREM', active, id)
  if known then
    local job = cjson.decode(known)
    job.lastError = 'The lease of ' .. job.worker .. ' ran out.'
    job.lease = nil
    job.leaseEndsAt = nil
    if job.attempt < job.maxAttempts then
      -- With the order it had: it has waited for its turn already.
      job.state = 'waiting'
      redis.call('ZADD', waiting, job.order, id)
    else
      job.state = 'failed'
      job.finishedAt = now
      redis.call('ZADD', failed, now, id)
      redis.call('ZADD', unrecorded, now, id)
    end
    redis.call('HSET', jobs, id, cjson.encode(job))
    redis.call('LPUSH', changes, id)
    moved = moved + 1
  end
end

if moved > 0 then
  redis.call('HINCRBY', meta, 'version', moved)
  redis.call('LTRIM', changes, 0, 199)
end
return {redis.call('HEXISTS', meta, 'restored'), moved}
