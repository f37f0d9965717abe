-- Lists jobs: those next in line first, finished ones newest first.
--
-- KEYS  jobs, waiting, delayed, active, completed, failed, meta, changes, unrecorded
-- ARGV  most jobs of each state; then states, each one of waiting, delayed, active, completed,
--       failed; or nothing but the number for the jobs that still have to be recorded
-- Answers the jobs.
local sets = {
  waiting = KEYS[2], delayed = KEYS[3], active = KEYS[4], completed = KEYS[5], failed = KEYS[6],
}
local last = tonumber(ARGV[1]) - 1
local ids = {}
for i = 2, #ARGV do
  local state = ARGV[i]
  local newestFirst = state == 'completed' or state == 'failed' or #ARGV > 2
  for _, id in ipairs(redis.call(newestFirst and 'ZREVRANGE' or 'ZRANGE', sets[state], 0, last)) do
    ids[#ids + 1] = id
  end
end
if #ARGV == 1 then
  ids = redis.call('ZRANGE', KEYS[9], 0, last)
end
if #ids == 0 then
  return {}
end
return redis.call('HMGET', KEYS[1], unpack(ids))
