--- Whose a difference is, by the record of changes: "ours" where it says that we have set exactly this,
-- "theirs" where it says that we have not, "unknown" where it has a hole.

local changes_log = require "patchbay.exchange.changes_log"
local check = require "patchbay.util.check"
local core = require "patchbay.core"
local paths = require "patchbay.desired.paths"
local redact = require "patchbay.exchange.redact"
local text = require "patchbay.util.text"

local attribution = {}

local null = core.json.null

local Attribution = {}
Attribution.__index = Attribution

local IN_FLIGHT = "a change of it was begun at %s, and nothing says how it ended"
local UNKNOWN_OUTCOME = "at %s we changed it, and whether that was applied is not known"
local FOREIGN = "at %s it was changed with other credentials, which may be of the same account"
local CALL = "at %s we sent %s %s by client:call(), and what that changed is not known"
local SECRET = "we have set it at %s, and the digests cannot be compared, as the credentials have changed"
local MASKED = "we have set it at %s, and the record of changes has no digest of it"
local RESET = "we have reset it at %s, and to what is not known"
local VAGUE = "we have changed the record at %s, and which fields is not known"
local HIDDEN = "we have set it at %s, and what the vendor shows of it cannot be compared"
local ALTERED = "we have created it at %s; not all of it is as we have left it"

-- Whether a line says that a record was changed, and not in which fields.
local function is_vague(entry)
  return entry.field == nil and entry.fields == nil and entry.action ~= "create" and entry.action ~= "delete"
end

local function doubt_of(entry)
  if entry.foreign then return FOREIGN:format(entry.time) end
  if entry.outcome ~= "unknown" and is_vague(entry) then return VAGUE:format(entry.time) end
  return (entry.in_flight and IN_FLIGHT or UNKNOWN_OUTCOME):format(entry.time)
end

-- Whether one of two paths lies within the other.
local function overlap(a, b)
  if #a > #b then a, b = b, a end
  return b:sub(1, #a) == a and (#a == #b or b:sub(#a + 1, #a + 1) == ".")
end

-- Whether two values of a field mean the same; nil where the description says that this cannot be told.
local function is_same(resource, path, one, other)
  local function empty(value) return value == nil or value == null or value == "" end
  if empty(one) and empty(other) then return true end
  if one == nil or other == nil then return false end
  local a, b = {}, {}
  paths.set(a, path, one)
  paths.set(b, path, other)
  local confirmed, differs = core.record.compare(resource.schema, a, b, nil, nil)
  if #differs == 0 and #confirmed == 0 then return nil end
  return #differs == 0
end

-- The entry's verdict in words for people.
local function ours(entry) return { by = "ours", user = entry.user, at = entry.time } end

local function unknown(why) return { by = "unknown", why = why } end

local function set(item, verdict)
  item.by, item.why, item.user, item.at = verdict.by, verdict.why, verdict.user, verdict.at
end

-- Where no entry of ours explains a difference.
local function unexplained(self, job)
  local hole = self.changes:hole_of(job.account)
  if hole then return unknown(hole) end
  local call = self.changes:call_for(job.account, job.key, self.is_key)
  if call then return unknown(CALL:format(call.time, text.of(call.method), text.of(call.path))) end
  return { by = "theirs" }
end

-- Whether a line's field, or its list of fields, is about the field at `path`.
local function touches(entry, path)
  if type(entry.field) == "string" then return overlap(entry.field, path) end
  if type(entry.fields) ~= "table" then return entry.action ~= "delete" or entry.in_flight or false end
  for _, name in ipairs(entry.fields) do
    if overlap(tostring(name), path) then return true end
  end
  return false
end

-- Compares the digest of the value that we set with that of the present one: true, false, or nil where that
-- cannot be told.
local function same_digest(job, entry, digest, field)
  local now = job.secret and job.secret[field.field]
  if not now and field.to ~= nil and field.to ~= null and not field.secret and job.context then
    now = changes_log.digest(job.context, job.place, job.key, field.field, field.to)
  end
  if not now or now == "unknown" or entry.digest_key ~= job.digest_key then return nil end
  return now == digest
end

-- The digest of the value at `path` in a line; nil where it has none.
local function digest_of(entry, path)
  if entry.to_digest and entry.field == path then return entry.to_digest end
  return type(entry.to_digests) == "table" and entry.to_digests[path] or nil
end

-- Whether the present value of the field is as our changes have left it: the line `last` is the last one
-- about it, and `values` are those of the fields behind it. true, false; or nil and why that is not known.
local function is_as_left(job, field, last, values)
  local digest = digest_of(last, field.field)
  if digest then
    local same = same_digest(job, last, digest, field)
    return same, same == nil and SECRET or nil
  end
  local left = paths.at(values, field.field)
  if left == redact.mask then return nil, MASKED end
  local same = is_same(job.resource, field.field, left, field.to)
  if same then return true end
  if last.reset then return nil, RESET end
  return same, same == nil and HIDDEN or nil
end

-- The values of the field and those around it as our changes have left them.
local function apply(values, entry)
  if entry.action == "create" then
    for name, value in pairs(type(entry.to) == "table" and entry.to or {}) do
      values[name] = paths.copy(value)
    end
  elseif type(entry.field) == "string" then
    local value = entry.to
    if value == nil then value = null end -- a field that was reset
    paths.set(values, entry.field, paths.copy(value))
  end
end

--- Whose the change of a field is. `job`: `account`, `place`, `key`, `resource`, `context`, `secret` (digests
-- of the record as it is now), `digest_key`, `old` and `now` (its fields as they were and are, or nil).
-- `field`: { field =, from =, to =, secret = }.
function Attribution:field(job, field)
  local last, doubt = nil, nil
  local values = paths.copy(job.old or {})
  for _, entry in ipairs(self.changes:of(job.account, job.place, job.key)) do
    if touches(entry, field.field) then
      if entry.outcome == "unknown" or is_vague(entry) then
        doubt = entry
      else
        last, doubt = entry, nil
        apply(values, entry)
      end
    end
  end
  if last then
    local same, why = is_as_left(job, field, last, values)
    if same then return ours(last) end
    if why then return unknown(why:format(last.time)) end
  end
  if doubt then return unknown(doubt_of(doubt)) end
  if last and last.outcome == "open" then
    return unknown(("the order of %s that changes it was still open"):format(last.time))
  end
  return unexplained(self, job)
end

-- Whose a record is that appeared or disappeared. `action`: the one that would have done it.
local function presence(self, job, action)
  local last, doubt
  for _, entry in ipairs(self.changes:of(job.account, job.place, job.key)) do
    if entry.action == "create" or entry.action == "delete" then
      if entry.outcome == "unknown" then doubt = entry else last, doubt = entry, nil end
    end
  end
  if last and last.action == action then return ours(last) end
  if doubt then return unknown(doubt_of(doubt)) end
  if action == "create" then
    local created = self.changes:without_key(job.account, job.place)
    if created[1] then
      return unknown(("at %s we created a record of this collection, and which one is not known"):format(
        created[#created].time))
    end
  end
  return unexplained(self, job)
end

local ACTIONS = { appeared = "create", disappeared = "delete" }

-- Of a record that we have created: says of the fields that are not as we have left them whose they are.
-- Fields that we have never set are the vendor's.
local function check_created(self, job, entry)
  local values = {}
  for _, change in ipairs(self.changes:of(job.account, job.place, job.key)) do
    if change.action == "create" then values = {} end
    if change.outcome ~= "unknown" then apply(values, change) end
  end
  local by = {}
  for _, shown in ipairs(entry.fields) do
    local top, verdict = paths.top(shown.field), nil
    if values[top] ~= nil then
      paths.each_leaf(top, values[top], function(path)
        local now = paths.at(job.now, path)
        if now == nil and not (job.secret and job.secret[path]) then return end -- it is not shown
        local one = self:field(job, { field = path, to = now })
        if one.by == "theirs" or one.by == "unknown" and not verdict then verdict = one end
      end)
    end
    if verdict then
      set(shown, verdict)
      by[verdict.by] = true
    end
  end
  if next(by) then entry.by, entry.why = by.theirs and "theirs" or "unknown", ALTERED:format(entry.at) end
end

--- Says of an entry of a comparison, and of its fields, whose they are. `job`: as for field.
function Attribution:entry(job, entry)
  local action = ACTIONS[entry.change]
  if action then
    set(entry, presence(self, job, action))
    if entry.by == "ours" and job.now then check_created(self, job, entry) end
    return
  end
  local by = {}
  for _, field in ipairs(entry.fields) do
    set(field, self:field(job, field))
    by[field.by] = true
  end
  entry.by = by.theirs and "theirs" or by.unknown and "unknown" or "ours"
end

--- `changes`: see changes.lua; `is_key(part)`: whether a text is the key of some record.
function attribution.new(changes, is_key)
  return setmetatable({ changes = changes, is_key = is_key }, Attribution)
end

--- Counts entries by whose they are.
function attribution.count(entries)
  local counts = { ours = 0, theirs = 0, unknown = 0 }
  for _, entry in ipairs(entries) do
    if counts[entry.by] then counts[entry.by] = counts[entry.by] + 1 end
  end
  return counts
end

--- The holes as a list of sentences, each once.
function attribution.holes(changes)
  local seen = {}
  for _, hole in ipairs(changes.holes) do seen[hole.message] = true end
  return check.names(seen)
end

return attribution
