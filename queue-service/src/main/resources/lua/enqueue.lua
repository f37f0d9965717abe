-- Adds a job, unless its idempotency key has been used.
--
-- KEYS  jobs, waiting, delayed, active, completed, failed, meta, changes, unrecorded; and the
--       idempotency key, where there is one
-- ARGV  id, type, payload (JSON), attempts allowed, now (ms), due (ms), most jobs in the queue,
--       how long the idempotency key is remembered (ms)
-- Answers {'added', job}; {'again', id of the earlier job}; {'full'}, and nothing was changed.
--
-- A job is one JSON text in the hash of jobs. Its payload and result are JSON texts inside it, so
-- that no number and no empty list in them is ever touched by a script.
local jobs, waiting, delayed, meta, changes = KEYS[1], KEYS[2], KEYS[3], KEYS[7], KEYS[8]
local now, due = tonumber(ARGV[5]), tonumber(ARGV[6])
if KEYS[10] then
  local earlier = redis.call('GET', KEYS[10])
  if earlier then
    return {'again', earlier}
  end
end
if redis.call('HLEN', jobs) >= tonumber(ARGV[7]) then
  return {'full'}
end
local job = {
  id = ARGV[1], type = ARGV[2], payload = ARGV[3], attempt = 0,
  maxAttempts = tonumber(ARGV[4]), tries = tonumber(ARGV[4]), enqueuedAt = now,
}
if due > now then
  job.state = 'delayed'
  job.dueAt = due
  redis.call('ZADD', delayed, due, job.id)
else
  job.state = 'waiting'
  job.order = redis.call('HINCRBY', meta, 'order', 1)
  redis.call('ZADD', waiting, job.order, job.id)
end
local text = cjson.encode(job)
redis.call('HSET', jobs, job.id, text)
if KEYS[10] then
  redis.call('SET', KEYS[10], job.id, 'PX', ARGV[8])
end
redis.call('HINCRBY', meta, 'version', 1)
redis.call('LPUSH', changes, job.id)
redis.call('LTRIM', changes, 0, 199)
return {'added', text}
