-- Ends a session at once. A tombstone stays for a while, so that a request which is under way
-- cannot bring it back, and everybody who holds something open for it is told.
-- KEYS[1] the session's hash
-- ARGV[1] how long the tombstone stays, in ms; [2] the channel; [3] the message
-- Answers 1, or 0 where there was no session.
local there = redis.call('HEXISTS', KEYS[1], 'person')
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'ended', '1')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
if there == 1 then
  redis.call('PUBLISH', ARGV[2], ARGV[3])
end
return there
