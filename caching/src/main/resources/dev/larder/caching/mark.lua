-- Marks a tag as invalidated now. Marks are numbers that grow with the store's clock and never
-- repeat, so a reader can tell whether a tag of what it loaded was marked since it began.
-- KEYS  1 the last number given  2 the tag's mark
-- ARGV  1 mark ttl in ms
-- Answers the number.
local now = redis.call('TIME')
local number = math.max(tonumber(now[1]) * 1000000 + tonumber(now[2]),
    tonumber(redis.call('GET', KEYS[1]) or '0') + 1)
local text = string.format('%.0f', number)
redis.call('SET', KEYS[1], text)
redis.call('SET', KEYS[2], text, 'PX', ARGV[1])
return text
