-- Takes slots of one account by the generic cell rate algorithm. All times are microseconds of this server's clock.
--
--   KEYS[1]  the account
--   ARGV     interval ahead most foreground known shift
--            most        the most slots to take
--            foreground  1 if a caller waits, 0 in the background
--            known       the `due` of the instance's last response; 0 if it has none; later than any if it used its share since
--            shift       moves the clock, for tests; otherwise 0
--   ->       {slots taken, time until the next slot may be free, time until `due`, `due`}
--
-- `due` is the time of the next slot on the even schedule; each slot moves it on by `interval`. A slot is free while `due` is at most
-- `ahead` away. So no valid `due` is later than `latest`: with that one, the next slot is free in one interval.
-- Until `kept`, a foreground request waits for the next slot.
local ask_again = 50000
local time = redis.call('TIME')
local interval, ahead, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local is_foreground, known = ARGV[4] == '1', tonumber(ARGV[5])
local now = time[1] * 1000000 + time[2] + tonumber(ARGV[6])
local latest = now + ahead + interval
local stored = redis.call('HMGET', KEYS[1], 'due', 'kept')
local due, kept = stored[1] and tonumber(stored[1]), stored[2] and tonumber(stored[2]) or 0
local function text(number) return string.format('%.0f', number) end

if not due and known == 0 then
  -- The first question: one slot is free now, without a burst.
  due = now + ahead
elseif not due or due < known or due > latest then
  -- The data is lost, or older than `known`, or the clock went back: unknown slots count as used.
  due = latest
end
if kept > now + interval + ask_again then kept = 0 end

local taken = 0
if due <= now + ahead and (is_foreground or now >= kept) then
  due = math.max(due, now)
  taken = math.min(most, math.floor((now + ahead - due) / interval) + 1)
  due = due + taken * interval
end
local free = math.max(due - ahead, now)
if not is_foreground then
  free = math.max(free, kept)
elseif taken < most then
  kept = free + ask_again
end
redis.call('HSET', KEYS[1], 'due', text(due), 'kept', text(kept))
-- Keeps the data for an hour more. If it is gone earlier, an instance treats it as lost.
redis.call('PEXPIRE', KEYS[1], text(math.ceil(math.max(due - now, 0) / 1000) + 3600000))
return {taken, free - now, due - now, due}
