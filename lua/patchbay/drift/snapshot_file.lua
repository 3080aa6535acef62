--- The file of a snapshot: a text of JSON objects, one a line.
--
--   {"patchbay_snapshot":1,"version":"0.2.0","id":"…","began":"…","ended":"…","secrets":"omit",
--    "complete":true,"records":20,"notes":[]}
--   {"account":"acme","vendor":"acme","address":"https://…","id":"6b86b273…","digest_key":"65e633a1"}
--   {"collection":"acme.lines","records":20,"complete":true,"shows":["name",…],"place":"lines",…}
--   {"key":"L1","fields":{…},…}
--
-- (each on one line). The records of a collection follow it, in the order of their keys; see section.lua. The
-- number of records tells a file that has been cut off.

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local client = require "patchbay.client"
local errors = require "patchbay.errors"
local lines = require "patchbay.drift.lines"
local section = require "patchbay.drift.section"
local storages = require "patchbay.desired.storage"

local snapshot_file = {}

snapshot_file.FORMAT = 1
local START = '{"patchbay_snapshot":'

local encode, decode = core.json.encode, core.json.decode

-- ---- writing ----

local function header_line(self)
  return ('%s%d,"version":%s,"id":%s,"began":%s,"ended":%s,"secrets":%s,"complete":%s,"records":%d,'
    .. '"notes":%s}\n'):format(START, snapshot_file.FORMAT, encode(client.VERSION), encode(self.id),
    encode(self.began), encode(self.ended), encode(self.secrets), tostring(self.complete), self.records,
    encode(core.json.array(self.notes)))
end

local function account_line(name, account)
  return ('{"account":%s,"vendor":%s,"address":%s%s%s}\n'):format(encode(name), encode(account.vendor),
    encode(account.address), account.account and not account.by_secret and ',"id":' .. encode(account.account)
    or "", account.digest_key and ',"digest_key":' .. encode(account.digest_key) or "")
end

local function section_line(one)
  local problems = core.json.array {}
  for i, problem in ipairs(one.problems) do
    problems[i] = { key = problem.key, message = core.text.visible(problem.message) }
  end
  return encode { collection = one.name, account = one.account, name = one.collection, place = one.place,
    records = one.count, complete = one.complete, unreadable = one.unreadable, problems = problems,
    problem_count = one.problem_count, shows = core.json.array(check.names(one.shows)),
    assumed = next(one.assumed) and core.json.array(check.names(one.assumed)) or nil } .. "\n"
end

--- The problem with replacing the file that is there, or nil: only a snapshot is replaced.
function snapshot_file.problem_of_replacing(file)
  local reader, message, missing = lines.open(file)
  if not reader then
    if missing then return nil end
    return message
  end
  local first = reader:next()
  reader:close()
  if first == nil or first == "" or first:sub(1, #START) == START then return nil end
  return "there is another file, which is no snapshot; it was left as it is"
end

--- Writes a snapshot; see snapshot:save().
function snapshot_file.save(self, inner, file)
  local storage = storages.of(file)
  local ok, problem = nil, snapshot_file.problem_of_replacing(file)
  if not problem then
    ok, problem = storage:replace(function(write)
      write(header_line(self))
      for _, name in ipairs(check.names(inner.accounts)) do
        write(account_line(name, inner.accounts[name]))
      end
      for _, one in ipairs(inner.sections) do
        write(section_line(one))
        for _, slot in ipairs(one:sorted()) do write(one.lines[slot] .. "\n") end
      end
    end)
  end
  if ok then return true end
  return nil, errors.new { kind = "invalid", outcome = "not_sent",
    message = ("%s: the snapshot cannot be saved: %s"):format(storage.name, problem) }
end

-- ---- reading ----

local function is_text(value) return type(value) == "string" end

-- Whether a time is one that a snapshot has.
local function is_time(value)
  return is_text(value) and value:find "^%d%d%d%d%-%d%d%-%d%dT[%d:.]+Z$" ~= nil
end

local function is_count(value) return type(value) == "number" and value >= 0 and value % 1 == 0 end

-- The problem with the first line, or nil; and its members.
local function read_header(line)
  if line:sub(1, #START) ~= START then return "this is not a snapshot" end
  local entry = decode(line)
  local format = type(entry) == "table" and entry.patchbay_snapshot
  if not is_count(format) then return "line 1 is damaged" end
  if format > snapshot_file.FORMAT then
    return ("written by %s (snapshot format %s, this one knows %d); use that version"):format(
      is_text(entry.version) and "Patchbay " .. core.text.visible(entry.version, 40) or "a later Patchbay",
      encode(format), snapshot_file.FORMAT)
  end
  if not (is_time(entry.began) and is_time(entry.ended) and is_count(entry.records)) then
    return "line 1 is damaged"
  end
  local notes = {}
  for i, note in ipairs(type(entry.notes) == "table" and entry.notes or {}) do notes[i] = tostring(note) end
  return nil, { id = is_text(entry.id) and entry.id or "", began = entry.began, ended = entry.ended,
    secrets = entry.secrets == "mask" and "mask" or "omit", notes = notes, records = entry.records }
end

local function read_account(state, entry)
  if not (is_text(entry.account) and is_text(entry.vendor) and is_text(entry.address)) then return false end
  state.accounts[entry.account] = { vendor = entry.vendor, address = entry.address,
    account = is_text(entry.id) and entry.id or nil,
    digest_key = is_text(entry.digest_key) and entry.digest_key or nil }
  return true
end

local function set_of(list)
  local set = {}
  for _, name in ipairs(type(list) == "table" and list or {}) do set[name] = true end
  return set
end

local function read_section(state, entry)
  if not (is_text(entry.collection) and is_text(entry.name) and is_text(entry.place)
    and is_count(entry.records) and state.accounts[entry.account]
    and not state.by_name[entry.collection]) then
    return false
  end
  local problems = {}
  for i, problem in ipairs(type(entry.problems) == "table" and entry.problems or {}) do
    problems[i] = { key = type(problem) == "table" and problem.key or nil,
      message = tostring(type(problem) == "table" and problem.message or problem) }
  end
  local one = section.new { name = entry.collection, account = entry.account, collection = entry.name,
    place = entry.place, shows = set_of(entry.shows), assumed = set_of(entry.assumed),
    complete = entry.complete == true, problems = problems,
    problem_count = is_count(entry.problem_count) and entry.problem_count or #problems,
    unreadable = is_text(entry.unreadable) and entry.unreadable or nil }
  state.sections[#state.sections + 1], state.by_name[entry.collection] = one, one
  state.current, state.left = one, entry.records
  return true
end

local function is_doubt(value)
  return type(value) == "table" and is_text(value[1]) and is_text(value[2])
end

-- Whether a decoded line is a record.
local function is_record(entry)
  local key = entry.key
  if not (key == core.json.null or is_text(key) or type(key) == "number") then return false end
  if type(entry.fields) ~= "table" then return false end
  if entry.secret ~= nil then
    if type(entry.secret) ~= "table" then return false end
    for name, digest in pairs(entry.secret) do
      if not (is_text(name) and is_text(digest)) then return false end
    end
  end
  if entry.unsure ~= nil then
    if type(entry.unsure) ~= "table" then return false end
    for _, doubt in ipairs(entry.unsure) do
      if not is_doubt(doubt) then return false end
    end
  end
  return entry.whole == nil or type(entry.whole) == "boolean"
end

local function read_record(state, entry, line)
  local one = state.current
  if not one or state.left == 0 or not is_record(entry) then return false end
  if one.lines[section.slot(entry.key)] ~= nil then return false end
  one:put(entry.key, line)
  state.left = state.left - 1
  return true
end

-- Takes a line behind the first: true; false for one that no snapshot has.
local function take(state, line)
  local entry = decode(line)
  if type(entry) ~= "table" then return false end
  if entry.key ~= nil then return read_record(state, entry, line) end
  if state.left > 0 then return false end
  if entry.collection ~= nil then return read_section(state, entry) end
  return entry.account ~= nil and read_account(state, entry)
end

local CUT_OFF = "it has been cut off: it says that it has %d records, and has %d"

-- Reads the lines of `reader`. Returns the fields of a snapshot and its internals; or nil and the problem.
local function read(reader)
  local line, fault, message = reader:next()
  if line == nil then return nil, message and "it cannot be read: " .. message or "it is empty" end
  if fault == "too_long" then return nil, "this is not a snapshot" end
  local problem, fields = read_header(line)
  if problem then return nil, problem end
  local state = { accounts = {}, sections = {}, by_name = {}, current = nil, left = 0 }
  local records = 0
  while true do
    line, fault, message = reader:next()
    if message then return nil, "it cannot be read: " .. message end
    if line == nil or fault == "torn" then break end
    if fault or not take(state, line) then
      return nil, ("line %d is damaged, or not one that a snapshot has"):format(reader.number)
    end
  end
  for _, one in ipairs(state.sections) do records = records + one.count end
  if records ~= fields.records or state.left > 0 then return nil, CUT_OFF:format(fields.records, records) end
  return fields, { sections = state.sections, accounts = state.accounts, contexts = {} }
end

--- Reads a file: the fields of a snapshot (see snapshot.new) and its internals; or nil and the problem.
function snapshot_file.load(file)
  local reader, problem = lines.open(file)
  if not reader then return nil, problem end
  local ok, fields, inner = pcall(read, reader)
  reader:close()
  if not ok then error(fields, 0) end
  return fields, inner
end

return snapshot_file
