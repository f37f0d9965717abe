-- Notes that PostgreSQL has the end of these jobs.
--
-- KEYS  jobs, waiting, delayed, active, completed, failed, meta, changes, unrecorded
-- ARGV  id and time of the end (ms) of each
-- Answers how many were noted. A job that has ended once more since is not.
local noted = 0
for i = 1, #ARGV, 2 do
  local at = redis.call('ZSCORE', KEYS[9], ARGV[i])
  if at and tonumber(at) == tonumber(ARGV[i + 1]) then
    noted = noted + redis.call('ZREM', KEYS[9], ARGV[i])
  end
end
return noted
