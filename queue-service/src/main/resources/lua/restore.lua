-- Gives a store that lost them the finished jobs that PostgreSQL has.
--
-- KEYS  jobs, waiting, delayed, active, completed, failed, meta, changes, unrecorded
-- ARGV  'more' or 'last', version to begin with; then jobs (JSON) that have completed or failed
-- Answers 1. What the store knows already it knows better.
local jobs, completed, failed, meta = KEYS[1], KEYS[5], KEYS[6], KEYS[7]
for i = 3, #ARGV do
  local job = cjson.decode(ARGV[i])
  if redis.call('HSETNX', jobs, job.id, ARGV[i]) == 1 then
    redis.call('ZADD', job.state == 'completed' and completed or failed, job.finishedAt, job.id)
  end
end
if ARGV[1] == 'last' then
  redis.call('HSET', meta, 'restored', 1)
  -- Never behind a version that a listener saw before the loss.
  redis.call('HINCRBY', meta, 'version', ARGV[2])
end
return 1
