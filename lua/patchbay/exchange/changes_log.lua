--- The record of changes, the client's option changes_log: a line for each change that the vendor has
-- applied, or may have applied. It is a file that several processes append to, or an object of the script's
-- with the method append(text).
--
--   {"patchbay_change":1,"time":"2026-05-02T01:00:00.123Z","vendor":"acme","address":"https://…",
--    "account":"6b86b273ff34fce1","collection":"voice_routes","key":"CRID-…","action":"update",
--    "field":"TrunkIp1","from":"198.51.100.10","to":"20.87.87.87","outcome":"ok","request_id":"…",
--    "user":"alice"}
--
-- (on one line). A change of several fields has a line for each, with the same `id`, and all of them are one
-- write(2). Each line names its format, so that files may be cut, joined and rotated. docs/drift.md
-- describes the members.
--
-- Before a change is sent, a second file beside the first, FILE.begun, gets a line with its `id`. One that
-- the log has no line for was in flight when its process was killed. A change that the vendor has not applied
-- gets a line there that it has ended.
--
-- A log that cannot be written changes nothing about the change, which the vendor has applied by then. It is
-- reported once for each client, and the next line that can be written says how many were lost.

local core = require "patchbay.core"
local call_error = require "patchbay.exchange.call_error"
local hooks = require "patchbay.exchange.hooks"

local changes_log = {}

changes_log.FORMAT = 1
changes_log.START = '{"patchbay_change":'
-- The end of the name of the file of begun changes.
changes_log.BEGUN = ".begun"

-- Of a keyed digest: 128 bits.
local DIGITS = 32
-- Of the fingerprint of the digests' key.
local KEY_DIGITS = 8
-- Bytes of a user's name.
local LONGEST_USER = 64

local encode = core.json.encode

-- A value as JSON; text that is not UTF-8 with escapes that can be read.
local function json_of(value)
  local ok, written = pcall(encode, value)
  return ok and written or encode(core.text.visible(tostring(value)))
end

--- A time in seconds since 1970 as RFC 3339, in UTC, with milliseconds.
function changes_log.time_text(now)
  return ("%s.%03dZ"):format(os.date("!%Y-%m-%dT%H:%M:%S", math.floor(now)), math.floor(now % 1 * 1000))
end

-- ---- the user ----

local user

-- The user of this program, as the environment says: whoever called sudo, or the login name. nil where it
-- says nothing, as within servers.
local function user_of()
  if user == nil then
    user = false
    for _, name in ipairs { "SUDO_USER", "LOGNAME", "USER" } do
      local value = os.getenv(name)
      if value and value ~= "" then
        user = core.text.visible(value, LONGEST_USER)
        break
      end
    end
  end
  return user or nil
end

-- ---- digests ----

--- The digest of a value of `field` in the record `key` of `collection`, keyed with the account's secrets, so
-- that not even a short value can be found from it; nil where the client has none.
function changes_log.digest(context, collection, key, field, value)
  local digest = context.digest(table.concat({ "value", collection, json_of(key), field, json_of(value) },
    "\n"))
  return digest and digest:sub(1, DIGITS)
end

--- Changes with the key of the account's digests: those of different keys cannot be compared.
function changes_log.digest_key(context)
  local digest = context.digest "key of the digests of values"
  return digest and digest:sub(1, KEY_DIGITS)
end

-- ---- lines ----

-- The members of a line in their order, but the first two.
local MEMBERS = { "begun", "ended", "snapshot", "id", "vendor", "address", "account", "collection", "key",
  "action", "field", "fields", "method", "path", "from", "from_digest", "to", "to_digest", "to_digests",
  "digest_key", "secret", "reset", "outcome", "request_id", "user" }

local function line_of(time, members)
  local parts = { ('%s%d,"time":"%s"'):format(changes_log.START, changes_log.FORMAT, time) }
  for _, name in ipairs(MEMBERS) do
    if members[name] ~= nil then parts[#parts + 1] = ('"%s":%s'):format(name, json_of(members[name])) end
  end
  return table.concat(parts, ",") .. "}\n"
end

-- The line that says that lines are missing.
local function lost_line(context, time, account)
  local lost = context.changes_lost
  return ('%s%d,"time":"%s","vendor":%s,"address":%s%s,"lost":%d,"since":"%s"}\n'):format(changes_log.START,
    changes_log.FORMAT, time, json_of(account.vendor), json_of(account.address),
    account.account and ',"account":' .. json_of(account.account) or "", lost.count, lost.since)
end

-- Appends a text: true, or nil and a message.
local function append(context, text)
  local log = context.changes_log
  if type(log) == "string" then return core.system.append_line(log, text) end
  local ok, problem = log:append(text)
  if ok then return true end
  return nil, tostring(problem or "its append() did not return true")
end

-- The name of the log in messages.
local function name_of(context)
  return type(context.changes_log) == "string" and context.changes_log or "the object changes_log"
end

-- Counts lines that could not be written, and reports the first.
local function lose(context, count, time, problem)
  local lost = context.changes_lost
  if not lost then
    lost = { count = 0, since = time }
    context.changes_lost = lost
  end
  lost.count = lost.count + count
  hooks.report_failure(context, "changes_log", ("%s: %s"):format(name_of(context), tostring(problem)))
end

-- The members that all lines of a change have.
local function common_of(context, change)
  local account, id = context.account, change.request_id
  return { id = change.id, vendor = account.vendor, address = account.address, account = account.account,
    collection = change.collection, key = change.key, action = change.action, method = change.method,
    path = change.path, from = change.from, to = change.to, to_digests = change.to_digests,
    digest_key = change.digest_key, outcome = change.outcome, user = user_of(),
    request_id = id ~= nil and call_error.mask(context, {}, tostring(id)) or nil }
end

-- Appends a line to the file of begun changes. An object has none, and gets the line itself if it is a
-- `mark`.
local function note(context, members, mark)
  local is_file = type(context.changes_log) == "string"
  if not (is_file or mark) then return end
  local done, ok, problem = pcall(function()
    local line = line_of(changes_log.time_text(core.system.now()), members)
    if not is_file then return append(context, line) end
    return core.system.append_line(context.changes_log .. changes_log.BEGUN, line)
  end)
  if done and ok then return end
  if not done then problem = ok end
  hooks.pass_interrupt(problem)
  hooks.report_failure(context, "changes_log", ("%s%s: %s"):format(name_of(context),
    is_file and changes_log.BEGUN or "", tostring(problem)))
end

local function new_id()
  return ("%08x%08x"):format(math.floor(core.system.random() * 2 ^ 32),
    math.floor(core.system.random() * 2 ^ 32))
end

--- Records that a change is about to be sent, and gives it an `id`. `change`: as for write.
function changes_log.begin(context, change)
  change.id = new_id()
  local members, names = common_of(context, change), {}
  members.begun, members.id, members.from, members.to = change.id, nil, nil, nil
  for i, field in ipairs(change.fields or {}) do names[i] = field.field end
  members.fields = names[1] and names or nil
  note(context, members)
end

--- Records that the log is kept at this time, when the snapshot `id` is taken: a later change that
-- is not in it was made by somebody else.
function changes_log.mark(context, id)
  local account = context.account
  note(context, { snapshot = id, vendor = account.vendor, address = account.address,
    account = account.account }, true)
end

--- Records that a change has ended without being applied.
function changes_log.ended(context, change) note(context, { ended = change.id }) end

--- Writes a change of `context`'s account. `change`: `collection`, `key`, `action` ("update", "replace",
-- "create", "delete", "call"), `outcome` ("ok", "open", "unknown", "confirmed"), `request_id`, `method`,
-- `path`; and `fields`, a list of { field =, from =, to =, … }, each of which has a line; without it there is
-- one line. Never raises, but for an interrupt.
function changes_log.write(context, change)
  local time, lines = changes_log.time_text(core.system.now()), {}
  local function produce()
    local common = common_of(context, change)
    for i, field in ipairs(change.fields or { {} }) do
      local members = setmetatable({}, { __index = common })
      for name, value in pairs(field) do members[name] = value end
      lines[i] = line_of(time, members)
    end
    local text = table.concat(lines)
    if context.changes_lost then text = lost_line(context, time, context.account) .. text end
    return append(context, text)
  end
  local done, ok, problem = pcall(produce)
  if done and ok then
    context.changes_lost = nil
    return
  end
  if not done then problem = ok end
  hooks.pass_interrupt(problem)
  lose(context, math.max(#lines, 1), time, problem)
end

--- Whether the log can be written, as far as that can be told before: true, or nil and a message.
function changes_log.check(context)
  if type(context.changes_log) ~= "string" then return true end
  for _, path in ipairs { context.changes_log, context.changes_log .. changes_log.BEGUN } do
    local ok, problem = core.system.append_line(path, "")
    if not ok then return nil, ("%s: %s"):format(path, problem) end
  end
  return true
end

return changes_log
