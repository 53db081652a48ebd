-- The state of one event: its claim, or that it was processed. All times are microseconds of this server's clock.
--
--   KEYS[1]  the event
--   ARGV     'claim' token lease keep shift   ->  0 acquired, 1 in progress, 2 processed
--            'done' token lease keep shift    ->  1 recorded, 0 the claim does not hold the token
--            'release' token lease keep shift ->  1 released, 0 the claim does not hold the token
--
-- The key expires `keep` milliseconds after the last write. That is longer than a lease, so a claim whose lease expired can still be
-- completed, unless another one took over. `shift` moves the clock, for tests; otherwise 0.
local action, token, lease, keep = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2] + tonumber(ARGV[#ARGV])
local held, since = unpack(redis.call('HMGET', KEYS[1], 'token', 'since'))
local done = held and not since

if action == 'claim' then
  if done then return {2} end
  -- The same token again: its response was lost.
  if held and held ~= token then
    local age = now - tonumber(since)
    if age >= 0 and age < lease then return {1} end
    if age < 0 then
      -- The clock went back. The lease starts again, so that it ends.
      redis.call('HSET', KEYS[1], 'since', string.format('%.0f', now))
      return {1}
    end
  end
  redis.call('HSET', KEYS[1], 'token', token, 'since', string.format('%.0f', now))
  redis.call('PEXPIRE', KEYS[1], keep)
  return {0}
end

if held ~= token or done then return {0} end
if action == 'done' then
  redis.call('HDEL', KEYS[1], 'since')
  redis.call('PEXPIRE', KEYS[1], keep)
else
  redis.call('DEL', KEYS[1])
end
return {1}
