-- What has changed since a version.
-- KEYS[1] events, newest first, [2] version
-- ARGV[1] the version that is known, -1 for none; [2] most events
-- Answers {version, event …}, oldest first; without events where too many were missed.
local version = tonumber(redis.call('GET', KEYS[2]) or '0')
local known = tonumber(ARGV[1])
if known < 0 or version <= known then
  return {version}
end
local missed = math.min(version - known, tonumber(ARGV[2]))
local events = redis.call('LRANGE', KEYS[1], 0, missed - 1)
local answer = {version}
for i = #events, 1, -1 do
  answer[#answer + 1] = events[i]
end
return answer
