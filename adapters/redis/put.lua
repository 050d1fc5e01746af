-- Puts a level in the place of a claim or of an older level, never of nothing and never back.
-- KEYS: the level's. ARGV: the level as text, its version, milliseconds that it lasts in a claim's
-- place, and the one claim that it may take the place of, or nothing: of any.
local is = redis.call('GET', KEYS[1])
if not is then return 0 end
local done
if string.sub(is, 1, 1) == '?' then
  if ARGV[4] ~= '' and is ~= ARGV[4] then return 0 end
  done = redis.pcall('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
elseif tonumber(string.match(is, '^%d+') or '-1') < tonumber(ARGV[2]) then
  done = redis.pcall('SET', KEYS[1], ARGV[1], 'KEEPTTL')
else
  return 0
end
if done.err then -- out of memory: what is there is too old to stay
  redis.call('DEL', KEYS[1])
  return 0
end
return 1
