--- The file in which tokens are kept between runs: lines of JSON. The first one has the format and its
-- version, each of the others one token. The file is for its user alone, and is replaced as a whole.

local core = require "patchbay.core"

local token_file = {}

local VERSION = 1
local HEADER = ('{"patchbay_tokens":%d}\n'):format(VERSION)

-- Larger files are not ours: MOST_ENTRIES of the longest tokens that a header can carry are half of it.
local MOST_BYTES = 8 * 1024 * 1024
local MOST_ENTRIES = 500

-- Seconds after which a token that can be renewed, or of which no expiry is known, is forgotten: the longest
-- documented lifetime of a refresh token.
local LONGEST = 180 * 86400

-- Seconds that a write waits for the one of another process.
local WRITE_WAIT = 5
-- Seconds between two looks at a lock: its return wakes nobody.
local FIRST_POLL, LONGEST_POLL = 0.002, 0.05

-- Reasons for which a file must not be used, rather than cannot, with their remedies.
local remedies = {
  shared = "allow it to nobody else: chmod 600 %s",
  foreign = "remove it, or name a file of your own",
  link = "name the file that it leads to",
}

-- Whether a text may be the remainder of a file of ours, such as after a loss of power.
local function is_remnant(text)
  return HEADER:sub(1, #text) == text or not text:find "[^%z]"
end

-- The problem with the text of a file that is to stay as it is; nil where it may be replaced.
local function foreign_text(path, text)
  local version = tonumber(text:match '^{"patchbay_tokens":(%d+)}')
  if version and version > VERSION then
    return ("%s was written by a newer Patchbay (format %d; this one knows %d); name another "
      .. "file"):format(path,
      version, VERSION)
  elseif not version and not is_remnant(text) then
    return path .. " holds something else than tokens; name another file, or remove this one"
  end
end

--- Reads the file at `path`: its text, "" where there is none; or nil, a word for the reason (of
-- core.own_file, or "text"), and the problem, with its remedy. `is_ours`: whatever stands there is taken for
-- damage, and so for nothing.
function token_file.read(path, is_ours)
  local file, reason, message = core.own_file.open(path)
  if not file then
    if reason == "missing" then return "" end
    local remedy = remedies[reason]
    return nil, reason, ("%s: %s%s"):format(path, message, remedy and "; " .. remedy:format(path) or "")
  end
  local text, problem = file:read(MOST_BYTES)
  file:close()
  if not text then return nil, "failed", path .. ": " .. problem end
  problem = foreign_text(path, text)
  if not problem then return text end
  if is_ours and not text:find '^{"patchbay_tokens":' then return "" end
  return nil, "text", problem
end

--- Whether a file that cannot be read for `reason` must not be used: others may know its contents.
function token_file.is_unsafe(reason) return remedies[reason] ~= nil end

-- The entry in a line; nil for a damaged one.
local function entry_in(line)
  local entry = core.json.decode(line)
  if type(entry) ~= "table" or type(entry.key) ~= "string" or type(entry.values) ~= "table" then
    return nil
  end
  return entry
end

--- The entry with a key in the text of a file, or nil.
function token_file.find(text, key)
  local line = text:match('\n({"key":"' .. key .. '"[^\n]*)')
  local entry = line and entry_in(line)
  return entry and entry.key == key and entry or nil
end

local function line_of(entry)
  local rest = {}
  for name, value in pairs(entry) do
    if name ~= "key" then rest[name] = value end
  end
  return ('{"key":"%s",%s\n'):format(entry.key, core.json.encode(rest):sub(2))
end

local function time_of(text) return type(text) == "string" and core.text.parse_time(text, "date-time")
  or nil end

-- Whether nothing can come of an entry any more.
local function is_past(entry, now)
  local till, saved = time_of(entry["until"]), time_of(entry.saved)
  if till and till <= now and not entry.renewable then return true end
  return not saved or saved + LONGEST < now
end

-- The entries of a text that are worth keeping, but the one with `key`; the oldest first.
local function others(text, key, now)
  local list = {}
  for line in text:gmatch '\n({"key":"%x+"[^\n]*)' do
    local entry = entry_in(line)
    if entry and entry.key ~= key and entry.key:find "^%x+$" and not is_past(entry, now) then
      list[#list + 1] = entry
    end
  end
  table.sort(list, function(a, b) return a.saved < b.saved end)
  return list
end

--- Takes the lock `path` and returns it, and the seconds that this took; or nil and a reason, "locked" where
-- another process has had it for `limit` seconds. `host`: whose clock and sleep are used.
function token_file.lock(path, limit, host)
  local started, slept, delay = host:clock(), 0, FIRST_POLL
  while true do
    local lock, reason, message = core.own_file.lock(path)
    local waited = math.max(host:clock() - started, slept)
    if lock then return lock, waited end
    if reason ~= "locked" then return nil, reason, message, waited end
    if waited >= limit then return nil, reason, "another process holds its lock", waited end
    host:sleep(delay)
    slept, delay = slept + delay, math.min(2 * delay, LONGEST_POLL)
  end
end

--- Gives a lock of lock() back.
function token_file.unlock(path, lock)
  os.remove(path)
  lock:close()
end

local function replace(path, is_ours, key, entry, may_replace, now)
  local text, _, problem = token_file.read(path, is_ours)
  if not text then return nil, problem end
  if not may_replace(token_file.find(text, key)) then return true end
  local list = others(text, key, now)
  list[#list + 1] = entry
  local lines = { HEADER }
  for i = math.max(1, #list - MOST_ENTRIES + 1), #list do lines[#lines + 1] = line_of(list[i]) end
  local ok
  ok, problem = core.own_file.replace(path .. ".part", path, table.concat(lines))
  return ok, problem and path .. ": " .. problem
end

--- Puts `entry` (nil: nothing) in the place of the one with `key`, where `may_replace(present entry or nil)`
-- says so. Returns true, or nil and the problem. `now`: Unix seconds.
function token_file.write(path, is_ours, key, entry, may_replace, host)
  local lock_path = path .. ".lock"
  local lock, reason, problem = token_file.lock(lock_path, WRITE_WAIT, host)
  if not lock then return nil, ("%s: %s"):format(reason == "failed" and path or lock_path, problem) end
  local ok
  ok, problem = replace(path, is_ours, key, entry, may_replace, host:now())
  token_file.unlock(lock_path, lock)
  return ok, problem
end

return token_file
