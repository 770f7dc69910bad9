-- The generic cell rate algorithm, as cost.decide has it, in microseconds of the server's clock.
-- KEYS[1]: the count. ARGV: the interval, the burst, and 1 to keep what is decided.
-- Answers how long to wait, 0 when the request is allowed, and how much of the burst is then left.
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local arrival = tonumber(redis.call('GET', KEYS[1]) or '') or now
arrival = math.min(math.max(arrival, now), now + burst)
local next = arrival + interval
local wait = next - burst - now
if wait > 0 then
	return { wait, 0 }
end
if ARGV[3] == '1' then
	-- Numbers turn into strings with 14 digits unless told otherwise; the time has 16.
	redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', math.ceil((next - now) / 1000))
end
return { 0, burst + now - next }
