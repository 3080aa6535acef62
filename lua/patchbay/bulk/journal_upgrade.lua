--- Converts a journal of format 1 to format 2, so that this version can finish a run that an older Patchbay
-- began.
--
-- Format 1 identified an item by its name alone. Of items that share a name but differ in content, each gets
-- a place, in the order in which they were first begun; of items with the same content only the first counts
-- as done, and the others are sent again. Format 1 did not name the account: that of the next run is recorded
-- with its first change.

local core = require "patchbay.core"
local header = require "patchbay.bulk.journal_header"

local upgrade = {}

local encode, decode = core.json.encode, core.json.decode

local OLD = 1

-- Outcomes of format 1 that are named differently now.
local outcomes = { refused = "failed" }
local known_outcomes = { begun = true, done = true, failed = true, refused = true, unknown = true }

local function text_of(entry, name)
  local value = entry[name]
  return type(value) == "string" and (',"%s":%s'):format(name, encode(value)) or ""
end

-- The first line in the new format; or nil and the problem.
local function first_line(line)
  local old = decode(line)
  if type(old) ~= "table" or old.patchbay_journal == nil then return nil, "this is not a journal" end
  if old.patchbay_journal ~= OLD then
    return nil, ("it is of format %s; only format %d is converted"):format(encode(old.patchbay_journal), OLD)
  end
  return ('%s2,"job":%s%s%s,"started":%s}'):format(header.START, encode(old.job or "?"),
    old.first ~= nil and ',"first":' .. encode(old.first) or "",
    old.count ~= nil and ',"count":' .. encode(old.count) or "", encode(old.started or ""))
end

-- The place of an entry: each content of a name has its own. `seen`: name -> content -> place.
local function place_of(seen, key, change)
  local places = seen[key] or { count = 0 }
  seen[key] = places
  change = change or ""
  if not places[change] then
    places.count = places.count + 1
    places[change] = places.count
  end
  return places[change]
end

-- The lines of `file` in the new format, each handed to `write`; true, or nil and the problem.
local function convert(file, write)
  local line = file:read "*l"
  if not line then return nil, "it is empty" end
  local first, problem = first_line(line)
  if not first then return nil, problem end
  write(first)
  local number, seen, damaged = 1, {}, nil
  for text in file:lines() do
    number = number + 1
    if damaged then return nil, ("line %d is damaged"):format(damaged) end
    local entry = decode(text)
    if type(entry) ~= "table" or entry.key == nil or not known_outcomes[entry.outcome] then
      damaged = number -- the last line may be torn: its process was killed
    else
      local key = encode(entry.key)
      local place = place_of(seen, key, entry.change)
      local placed = place > 1 and (',"place":%d'):format(place) or ""
      write(('{"key":%s%s%s%s,"outcome":"%s"%s}'):format(key, placed,
        text_of(entry, "change"), text_of(entry, "at"), outcomes[entry.outcome] or entry.outcome,
        text_of(entry, "kind")))
    end
  end
  return true
end

-- Converts the open `file` into the file `part`; true, or nil and the problem.
local function convert_to(file, part)
  local out, problem = io.open(part, "wb")
  if not out then return nil, problem end
  local ok, failed = true, nil
  local converted, unreadable = convert(file, function(line)
    if ok then ok, failed = out:write(line, "\n") end
  end)
  local closed, late = out:close()
  if not converted then return nil, unreadable end
  if not ok or not closed then return nil, tostring(failed or late) end
  return true
end

--- Converts the journal at `path`. The new file replaces the old one in one step, so a crash leaves the old
-- one. Returns true; or nil and a message for people, with the file unchanged. A journal in use by a run is
-- refused.
function upgrade.convert(path)
  local lock, problem, message = core.journal.open(path, false)
  if not lock then
    if problem == "locked" then message = "in use by a run; wait for its end" end
    return nil, ("%s: not converted: %s"):format(path, message)
  end
  local file
  file, problem = io.open(path, "rb")
  local ok = file ~= nil
  local part = path .. ".part"
  if file then
    local passed
    passed, ok, problem = core.system.saving(convert_to, file, part)
    if passed then ok, problem = nil, "it would pass the limit on the size of files (ulimit -f)" end
    file:close()
  end
  if ok then ok, problem = core.system.replace_file(part, path) end
  if not ok then os.remove(part) end -- before another one may convert it
  lock:close()
  if ok then return true end
  return nil, ("%s: not converted: %s"):format(path, tostring(problem))
end

return upgrade
