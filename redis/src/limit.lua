-- The slots of one account, by the generic cell rate algorithm: one time stands for all slots that were handed out. All times
-- are microseconds of this server's clock.
--
--   KEYS[1]  the account
--   ARGV     'reserve' interval ahead within known own newest shift
--                                    ->  {1, wait, mark}, or {0, wait, 0} where there is none in time
--            'give_back' mark shift  ->  {1} where it was the newest, else {0}
--
-- `due` is when the next slot were due, were they spread evenly; a slot may be `ahead` of that. What the asker knows is told in
-- the same way, as a time from now: `known` is due after all slots that it has, `own` after those of its own share, which never
-- stood here, and `newest` is the mark of the last that it had from here. `shift` moves the clock, for tests; it is 0.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2] + tonumber(ARGV[#ARGV])
local due, before, at, mark = unpack(redis.call('HMGET', KEYS[1], 'due', 'before', 'at', 'mark'))
local function text(number) return string.format('%.0f', number) end

if ARGV[1] == 'give_back' then
  -- Only the newest: of an older one, others already wait for what comes after it.
  if mark ~= ARGV[2] then return {0} end
  redis.call('HSET', KEYS[1], 'due', before)
  return {1}
end

local interval, ahead, within = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local known, own, newest = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
if due then
  due, at, mark = tonumber(due), tonumber(at), tonumber(mark)
  -- The clock went back: who waits, waits as long as before.
  if now < at then due = due + now - at end
  due = math.max(due, now + own)
end
-- The data is gone, or older than what was handed out. What is not known counts as spent: nothing goes out ahead of time, nor
-- before what the asker knows to be reserved. Not so with data that is whole, or a clock that jumped ahead would change nothing.
if not due or mark < newest then due = math.max(due or 0, now + ahead, now + known) end
local free = math.max(due - ahead, now)
local wait = free - now
if wait > within then return {0, wait, 0} end
local following = math.max(due, free) + interval
-- Begins with the time, and goes on from the last that is known, so that no slot of before data was lost has the mark of another.
mark = math.max(mark or now, newest) + 1
redis.call('HSET', KEYS[1], 'due', text(following), 'before', text(due), 'at', text(now), 'mark', text(mark))
-- As long as somebody may still wait, and an hour more.
redis.call('PEXPIRE', KEYS[1], text(math.ceil((following - now) / 1000) + 3600000))
return {1, wait, mark}
