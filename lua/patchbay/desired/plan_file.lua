--- The file of a plan: the plan that was reviewed is the plan that is applied. An undo plan is one, too.
--
-- A text of JSON objects, one a line. The first line names the plan, each further line a change, and the
-- last of these the end, so that a part of a plan is never taken for all of it:
--
--   {"patchbay_plan":1,"version":"0.2.0","kind":"plan","id":"5d41402abc4b2a76","made_at":"2026-05-02T…",…}
--   {"change":"update","in":"acme.voice_routes","key":"CRID-…","fields":[{"field":"TrunkIp1",…}]}
--   {"end":1}
--
-- Facts that become known while an undo plan's changes are made are appended: {"created":…,"in":…,"key":…}
-- is the key of a record that it would delete, {"ended":"…"} says that they have all been made.
--
-- A secret is no part of it: of a value that was to be sent it has a keyed digest, by which the value is
-- recognised when it is read again from where it came from. Only with `secrets = "keep"` does it have the
-- value itself.

local core = require "patchbay.core"
local client = require "patchbay.client"
local masking = require "patchbay.desired.masking"
local names = require "patchbay.desired.names"
local near = require "patchbay.desired.near"
local diff = require "patchbay.record.diff"
local targets = require "patchbay.desired.targets"
local text = require "patchbay.util.text"

local plan_file = {}

local VERSION = 1
local START = '{"patchbay_plan":'

-- 128 bits: nobody finds another value with the same digest.
local DIGITS = 32

local encode, decode, null = core.json.encode, core.json.decode, core.json.null

-- 64 bits tell plans apart.
local ID_DIGITS = 16

--- The id of a new plan.
function plan_file.new_id()
  local parts = { text.of(core.system.now()), text.of(core.system.clock()) }
  for i = 3, 6 do parts[i] = ("%.17g"):format(core.system.random()) end
  return core.journal.digest(table.concat(parts, " ")):sub(1, ID_DIGITS)
end

-- ---- secrets ----

local function same(a, b)
  if a == b then return true end
  if type(a) ~= "table" or type(b) ~= "table" then return false end
  for name, value in pairs(a) do
    if not same(value, b[name]) then return false end
  end
  return true
end

--- Whether a value of a field must not be seen: by the description, by the names of its members, or as an
-- address with a password in it. `field`: an entry of a change's fields; `context`: the client's.
function plan_file.is_secret(field, value, context)
  if value == nil or value == null then return false end
  if field.secret then return true end
  if value == true or value == false then return false end
  return not same(value, diff.copy(value, context.secret_names))
end

--- The keyed digest of a value, by which it is recognised without being known; nil without credentials.
function plan_file.digest(context, address, field, value)
  local digest = context.digest(("value in a plan\n%s\n%s\n%s"):format(address, field, encode(value)))
  return digest and digest:sub(1, DIGITS)
end

-- ---- writing ----

-- One side of a field, "from" or "to", as members of `entry`.
local function write_value(entry, side, field, change, context, keep)
  local value = field[side]
  if value == nil then
    entry[side .. "_digest"] = field[side .. "_digest"]
  elseif not plan_file.is_secret(field, value, context) then
    entry[side] = value
  elseif keep then
    entry[side], entry.kept = value, true
  else
    entry[side .. "_digest"] = plan_file.digest(context, change.address, field.field, value) or ""
  end
end

local FIELD_MEMBERS = { "field", "unknown", "secret", "forced", "ref", "ref_in", "from_ref",
  "from_ref_in" }
local CHANGE_MEMBERS = { "account", "key", "name", "address", "identity", "affected", "unread", "created" }

-- The line of one change.
local function change_line(change, context, keep)
  local line = { change = change.action, ["in"] = targets.name(change), fields = core.json.array {} }
  for _, name in ipairs(CHANGE_MEMBERS) do line[name] = change[name] end
  for i, field in ipairs(masking.fields(change)) do
    local entry = {}
    for _, name in ipairs(FIELD_MEMBERS) do entry[name] = field[name] or nil end
    write_value(entry, "from", field, change, context, keep)
    write_value(entry, "to", field, change, context, keep)
    line.fields[i] = entry
  end
  if change.unread and not change.unread[1] then line.unread = nil end
  if change.undo and not (change.undo.possible and not change.undo.lost[1]) then
    local lost = core.json.array {}
    for i, entry in ipairs(change.undo.lost) do
      lost[i] = { field = entry.field, why = entry.why, secret = entry.secret }
    end
    line.undo = { possible = change.undo.possible, lost = lost }
  end
  return encode(line) .. "\n"
end

-- Members of the first line, in their order.
local HEADER = { "version", "kind", "id", "of", "made_at", "since", "source", "state", "undo", "secrets",
  "unchanged",
  "accounts", "listed", "pages", "options", "notes", "unread" }

-- Those that are paths: in the file they are as near.lua says.
local PATHS = { source = true, state = true, undo = true }

local function header_line(header, path)
  local parts = { START .. VERSION }
  for _, name in ipairs(HEADER) do
    local value = header[name]
    if path and PATHS[name] and value ~= nil then value = near.written(path, value) end
    if value ~= nil then parts[#parts + 1] = ("%s:%s"):format(encode(name), encode(value)) end
  end
  return table.concat(parts, ",") .. "}\n"
end

--- Writes a plan. `header`: the members of the first line; `changes`: a list, or an iterator;
-- `context_of(change)`: the context of a change's client; `storage`: see storage.lua. `header.secrets` is
-- "keep" or "omit". Returns true, or nil and a message.
function plan_file.write(storage, header, changes, context_of)
  header.version = client.VERSION
  return storage:replace(function(write)
    write(header_line(header, storage.path))
    for _, change in ipairs(changes) do
      write(change_line(change, context_of(change), header.secrets == "keep"))
    end
    write(('{"end":%d}\n'):format(#changes))
  end)
end

--- The line that says under which key a record was created.
function plan_file.created_line(full, name, key)
  return ('{"created":%s,"in":%s,"key":%s}\n'):format(encode(name), encode(full), encode(key))
end

--- The line that says that all changes have been made.
function plan_file.ended_line(time) return ('{"ended":%s}\n'):format(encode(time)) end

-- ---- reading ----

local function problem_of_version(decoded)
  local version = decoded.patchbay_plan
  if type(version) ~= "number" or version < 1 or version % 1 ~= 0 then return "line 1 is damaged" end
  if version <= VERSION then return nil end
  return ("written by Patchbay %s (plan format %s, this one knows %d); apply it with that version"):format(
    type(decoded.version) == "string" and decoded.version or "of a later version", text.of(version), VERSION)
end

-- Removes nulls: they stand for nothing but where they are values.
local function without_null(object)
  for name, value in pairs(object) do
    if value == null and name ~= "from" and name ~= "to" then object[name] = nil end
  end
  return object
end

local ACTIONS = { create = true, update = true, delete = true }

-- A change out of its decoded line, or nil.
local function read_change(line)
  if not ACTIONS[line.change] or type(line["in"]) ~= "string"
    or type(line.fields) ~= "table" then return nil end
  without_null(line)
  local change = { action = line.change, full = line["in"], fields = {}, unread = line.unread or {},
    affected = line.affected, undo = line.undo or { possible = true, lost = {} } }
  for _, name in ipairs(CHANGE_MEMBERS) do
    if change[name] == nil then change[name] = line[name] end
  end
  for i, entry in ipairs(line.fields) do
    if type(entry) ~= "table" or type(entry.field) ~= "string" then return nil end
    change.fields[i] = without_null(entry)
  end
  return change
end

-- Takes a line behind the changes.
local function take_late(read, line)
  if line.created ~= nil and type(line["in"]) == "string" then
    read.created[names.qualified(line["in"], text.of(line.created))] = line.key
  elseif line.ended ~= nil then
    read.ended = line.ended
  else
    return false
  end
  return true
end

--- Why a saved plan must not replace the contents of `storage`: they are anything but a saved plan. An undo
-- plan has values that are nowhere else.
function plan_file.problem_of_replacing(storage)
  local lines, problem = storage:lines()
  if not lines then return problem end
  local first = lines()
  local header = first and first:sub(1, #START) == START and decode(first)
  if type(header) ~= "table" then return "it is there, is not a plan, and was left as it is" end
  if header.kind == "undo" then return "it is an undo plan, and was left as it is" end
end

local function damaged(number) return ("line %d is damaged; make the plan again"):format(number) end

--- Reads a plan: { header =, changes =, created = { collection and name -> key }, ended = time or nil }; nil
-- if there is none; or nil and a message.
function plan_file.read(storage)
  local lines, problem = storage:lines()
  if not lines then return nil, problem end
  local first = lines()
  if not first or first:sub(1, #START) ~= START then
    return nil, "this is not a plan, and was left as it is"
  end
  local header = decode(first)
  if type(header) ~= "table" then return nil, damaged(1) end
  problem = problem_of_version(header)
  if problem then return nil, problem end
  for name in pairs(PATHS) do
    local path = header[name]
    if storage.path and type(path) == "string" then header[name] = near.found(storage.path, path) end
  end
  local read, number, complete = { header = without_null(header), changes = {}, created = {} }, 1, false
  for line in lines do
    number = number + 1
    local decoded = decode(line)
    if type(decoded) ~= "table" then return nil, damaged(number) end
    if complete then
      if not take_late(read, decoded) then return nil, damaged(number) end
    elseif decoded["end"] ~= nil then
      if decoded["end"] ~= #read.changes then return nil, damaged(number) end
      complete = true
    else
      local change = read_change(decoded)
      if not change then return nil, damaged(number) end
      read.changes[#read.changes + 1] = change
    end
  end
  if not complete then return nil, "its end is missing; make the plan again" end
  return read
end

return plan_file
