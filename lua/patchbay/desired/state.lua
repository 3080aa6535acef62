--- The state of a desired state: keyed digests of what the last apply sent, by which fields that no read shows are
-- compared, and the keys of the records that were created under a name.
--
-- A text of JSON objects, one a line, only ever appended to; a file is created for its owner alone (0600):
--
--   {"patchbay_state":1,"version":"0.1.0","at":"2026-05-02T01:00:00Z"}
--   {"account":"telegent","vendor":"telegent","address":"https://…","id":"6b86b273ff34fce1","check":"…","at":"…"}
--   {"creating":"main trunk","in":"telegent.voice_routes","at":"…"}
--   {"created":"main trunk","in":"telegent.voice_routes","key":"CRID-…","at":"…"}
--   {"record":"telegent.voice_routes CRID-…","sent":{"TrunkIp1":"91b5f1a8c5b86cb6…"},"at":"…"}
--   {"forget":"telegent.voice_routes CRID-…","at":"…"}
--
-- No line holds a value. A digest is an HMAC whose key comes out of the account's credentials, so that it cannot be
-- guessed from short values; after a change of the credentials `check` does not match, and what was sent counts as
-- unknown. A later line holds where two disagree. When more lines are dead than alive, the next apply writes the
-- live ones anew and puts them in the place of the old ones at once.

local core = require "patchbay.core"
local client = require "patchbay.client"
local errors = require "patchbay.errors"
local header = require "patchbay.bulk.journal_header"
local reachable = require "patchbay.record.reachable"
local stores = require "patchbay.desired.state_store"
local paths = require "patchbay.desired.paths"
local check = require "patchbay.util.check"

local encode, decode = core.json.encode, core.json.decode

local state = {}

local VERSION = 1
local START = '{"patchbay_state":'

-- 128 bits: nobody finds another value with the same digest.
local DIGITS = 32
-- Fewer dead lines than this are not worth a new file.
local MOST_DEAD = 1000

local State = {}
State.__index = State

local function time_text() return core.text.format_time(math.floor(core.system.now()), "date-time") end

-- ---- reading ----

-- The name of the account that an address such as "telegent.voice_routes CRID-…" begins with: of several that fit,
-- the longest one.
local function account_of(self, address)
  local found
  for name in pairs(self.accounts) do
    if address:sub(1, #name + 1) == name .. "." and (not found or #name > #found) then found = name end
  end
  return found
end

-- Forgets what was sent to the account `name`: its credentials are others now.
local function forget_sent(self, name)
  for address in pairs(self.sent_by) do
    if account_of(self, address) == name then self.sent_by[address] = nil end
  end
end

local readers = {}

function readers.account(self, entry)
  local account = header.account_of(entry)
  if type(entry.account) ~= "string" or not account then return false end
  account.account = type(entry.id) == "string" and entry.id or nil
  local former = self.accounts[entry.account]
  if former and former.check ~= entry.check then forget_sent(self, entry.account) end
  self.accounts[entry.account] = { of = account, check = entry.check }
  return true
end

function readers.record(self, entry)
  if type(entry.record) ~= "string" or type(entry.sent) ~= "table" then return false end
  local sent = self.sent_by[entry.record]
  if not sent then
    self.sent_by[entry.record] = entry.sent
    return true
  end
  for field, digest in pairs(entry.sent) do sent[field] = digest end
  return true
end

function readers.forget(self, entry)
  if type(entry.forget) ~= "string" then return false end
  self.sent_by[entry.forget] = nil
  return true
end

local function place(collection, name) return collection .. "\n" .. name end

local function read_name(self, entry, name, known)
  if type(name) ~= "string" or type(entry["in"]) ~= "string" then return false end
  self.names[place(entry["in"], name)] = known
  return true
end

function readers.creating(self, entry) return read_name(self, entry, entry.creating, false) end
function readers.not_created(self, entry) return read_name(self, entry, entry.not_created, nil) end

function readers.created(self, entry)
  local kind = type(entry.key)
  if kind ~= "string" and kind ~= "number" then return false end
  return read_name(self, entry, entry.created, entry.key)
end

-- Takes one line: true; false for one that no state has.
local function take(self, entry)
  for name, reader in pairs(readers) do
    -- A line of an account has no other of these names, and the other way round.
    if type(entry) == "table" and entry[name] ~= nil then return reader(self, entry) end
  end
  return false
end

-- The problem with the first line, or nil.
local function problem_of_header(line)
  local decoded = decode(line)
  local version = type(decoded) == "table" and decoded.patchbay_state
  if type(version) ~= "number" then return "line 1 is damaged; use another file" end
  if version <= VERSION then return nil end
  return ("written by Patchbay %s (state format %s, this one knows %d); use that version, or another file"):format(
    type(decoded.version) == "string" and decoded.version or "of a later version", encode(version), VERSION)
end

-- Reads the text of a state: the size of its valid part, or nil and the problem.
local function read(self, text)
  if text:sub(1, #START) ~= START:sub(1, #text) then
    return nil, "this is not a state, and was left as it is; use another file"
  end
  local at, number, bad = 1, 0, nil
  while true do
    local newline = text:find("\n", at, true)
    if not newline then return bad and bad.at - 1 or at - 1 end
    number = number + 1
    local line = text:sub(at, newline - 1)
    if bad then
      return nil, ("line %d is damaged (%s), so it cannot be told what was sent; delete the line to have it "
        .. "forgotten, or use another file"):format(bad.number, bad.problem)
    elseif number == 1 then
      local problem = problem_of_header(line)
      if problem then return nil, problem end
    else
      local entry, err = decode(line)
      if entry == nil then
        bad = { number = number, at = at, problem = err.message }
      elseif not take(self, entry) then
        return nil, ("line %d is not one that a state has; use another file"):format(number)
      end
    end
    at, self.lines = newline + 1, number
  end
end

-- ---- accounts ----

local function check_of(context) return context.digest "check of a state" end

-- Compares the accounts in the state with the clients: nil, or the problem. Says which digests are of no use.
local function compare_accounts(self)
  for _, name in ipairs(check.names(self.contexts)) do
    local context, known = self.contexts[name], self.accounts[name]
    if known and not header.same_account(known.of, context.account) and not context.account.by_secret
      or known and (known.of.vendor ~= context.name or known.of.address ~= context.account.address) then
      return ("the state of %s as %s; this client is of %s; use the account that it was written with, or another "
        .. "file"):format(name, header.describe_account(known.of), header.describe_account(context.account))
    end
    if not check_of(context) then
      self.notes[#self.notes + 1] = ("%s: the client has no credentials of its own to make digests with, so what was "
        .. "sent is not remembered; fields that cannot be read are sent when forced"):format(name)
    elseif known and known.check ~= check_of(context) then
      forget_sent(self, name)
      self.stale[name] = true
      self.notes[#self.notes + 1] = ("%s: its credentials have changed since the last apply, so what was sent is not "
        .. "known any more; fields that cannot be read are sent when forced"):format(name)
    end
  end
end

-- ---- writing ----

local function header_line()
  return ('%s%d,"version":%s,"at":"%s"}\n'):format(START, VERSION, encode(client.VERSION), time_text())
end

local function account_line(name, of, digest)
  return ('{"account":%s,"vendor":%s,"address":%s%s%s,"at":"%s"}\n'):format(encode(name), encode(of.vendor),
    encode(of.address), of.account and not of.by_secret and ',"id":' .. encode(of.account) or "",
    digest and ',"check":' .. encode(digest) or "", time_text())
end

local function record_line(address, sent)
  return ('{"record":%s,"sent":%s,"at":"%s"}\n'):format(encode(address), encode(sent), time_text())
end

local function name_line(of, name, key)
  return ('{"%s":%s,"in":%s%s,"at":"%s"}\n'):format(key and "created" or "creating", encode(name), encode(of),
    key and ',"key":' .. encode(key) or "", time_text())
end

-- The text that says no more than what holds now.
local function live_text(self)
  local parts = { header_line() }
  for _, name in ipairs(check.names(self.accounts)) do
    local account = self.accounts[name]
    parts[#parts + 1] = account_line(name, account.of, account.check)
  end
  for _, joined in ipairs(check.names(self.names)) do
    local of, name = joined:match "^([^\n]*)\n(.*)$"
    parts[#parts + 1] = name_line(of, name, self.names[joined] or nil)
  end
  for _, address in ipairs(check.names(self.sent_by)) do
    parts[#parts + 1] = record_line(address, self.sent_by[address])
  end
  return table.concat(parts)
end

local function count(set)
  local number = 0
  for _ in pairs(set) do number = number + 1 end
  return number
end

-- Makes the store ready for the first line: true, or nil and a message.
local function prepare(self)
  if self.prepared then return true end
  local live = 1 + count(self.accounts) + count(self.names) + count(self.sent_by)
  local ok, problem
  if self.lines - live > math.max(MOST_DEAD, live) then
    ok, problem = self.store:replace(live_text(self))
  else
    ok, problem = self.store:cut(self.valid)
    if ok and self.valid == 0 then ok, problem = self.store:append(header_line()) end
  end
  self.prepared = ok
  return ok, problem
end

-- Appends a line. Raises when it cannot be written: a later run would not know of it.
local function append(self, line, durable)
  if not self.writes then error(self.label .. ": it was not opened for writing", 3) end
  local ok, problem = prepare(self)
  if ok then ok, problem = self.store:append(line, durable) end
  if ok then return end
  error(errors.new { kind = "invalid", outcome = "not_sent", message = ("%s: the state cannot be written (%s); the "
    .. "apply cannot go on, for what it does would be forgotten; start it again once that is mended"):format(
    self.label, tostring(problem)) }, 0)
end

-- Records the account whose lines follow, unless that is known.
local function declare(self, name)
  local context = self.contexts[name]
  if not context or self.accounts[name] and not self.stale[name] then return end
  local digest = check_of(context)
  append(self, account_line(name, context.account, digest))
  self.accounts[name], self.stale[name] = { of = context.account, check = digest }, nil
end

local function client_of(self, address)
  local found
  for name in pairs(self.contexts) do
    if address:sub(1, #name + 1) == name .. "." and (not found or #name > #found) then found = name end
  end
  return found
end

-- Lua 5.3 and above have two kinds of numbers; 1.0 is the same value as 1.
local to_integer = rawget(math, "tointeger") or function(number) return number end

-- A copy of a value in which whole numbers are integers.
local function exact(value)
  if type(value) == "number" then return to_integer(value) or value end
  if type(value) ~= "table" then return value end
  local new = {}
  for name, member in next, value do new[name] = exact(member) end
  return setmetatable(new, getmetatable(value))
end

--- The digest of a value that was, or is to be, sent to `field` ("a.b" for a nested one) of the record at `address`,
-- such as "telegent.voice_routes CRID-…"; nil where the client has no credentials to make one with. `context`: the
-- client's, or the client itself.
function State:digest(context, value, address, field)
  context = reachable.context(context) or context
  local text = context.digest(table.concat({ address or "", field or "", encode(exact(value)) }, "\n"))
  return text and text:sub(1, DIGITS)
end

--- The digest of what the last apply sent to a field; nil where that is not known.
function State:sent(address, field)
  local sent = self.sent_by[address]
  return sent and sent[field]
end

--- Records digests, by field, of what was sent to the record at `address`.
function State:note(address, digests)
  if next(digests) == nil then return end
  declare(self, client_of(self, address))
  append(self, record_line(address, digests))
  readers.record(self, { record = address, sent = digests })
end

--- The same of `sent`, a table from field to what was sent. Of an object each member that stands for itself has a
-- digest.
function State:remember(address, sent)
  local context, digests = self.contexts[client_of(self, address)], {}
  for field, value in pairs(sent) do
    paths.each_leaf(field, value, function(path, leaf) digests[path] = self:digest(context, leaf, address, path) end)
  end
  self:note(address, digests)
end

--- Compares a value with what the last apply sent to a field: "same", "other", or nil where that is not known.
function State:compare(address, field, value)
  local sent = self.sent_by[address]
  if not sent then return nil end
  local context, result = self.contexts[client_of(self, address)], "same"
  paths.each_leaf(field, value, function(path, leaf)
    local digest = sent[path]
    if not digest then
      result = result ~= "other" and "unknown" or result
    elseif digest ~= self:digest(context, leaf, address, path) then
      result = "other"
    end
  end)
  return result ~= "unknown" and result or nil
end

--- Records that a record has been deleted: nothing is known of it any more.
function State:forget(address)
  if not self.sent_by[address] then return end
  append(self, ('{"forget":%s,"at":"%s"}\n'):format(encode(address), time_text()))
  self.sent_by[address] = nil
end

--- The key of the record that was created under `name` in the collection `full`, such as "telegent.voice_routes"; nil;
-- or nil and "begun" where creating one was begun, and it is not known how that ended.
function State:key_of(full, name)
  local key = self.names[place(full, name)]
  if key == false then return nil, "begun" end
  return key
end

--- Records, before it is sent, that a record is to be created under `name`.
function State:creating(full, name)
  declare(self, client_of(self, full))
  append(self, name_line(full, name, nil), true)
  self.names[place(full, name)] = false
end

--- Records the key of the record that was created under `name`, or adopted.
function State:created(full, name, key)
  declare(self, client_of(self, full))
  append(self, name_line(full, name, key), true)
  self.names[place(full, name)] = key
end

--- Records that the vendor refused to create a record under `name`.
function State:not_created(full, name)
  append(self, ('{"not_created":%s,"in":%s,"at":"%s"}\n'):format(encode(name), encode(full), time_text()))
  self.names[place(full, name)] = nil
end

--- Gives the file up to others. May be called more than once.
function State:close()
  if self.store then self.store:close() end
  self.store, self.writes = nil, false
end

local function failure(self, kind, message)
  return errors.new { kind = kind, outcome = "not_sent", message = ("%s: %s"):format(self.label, message) }
end

local function contexts_of(clients)
  local contexts = {}
  for name, value in pairs(clients) do contexts[name] = reachable.context(value) or value end
  return contexts
end

local function empty(clients)
  return setmetatable({
    label = "state", store = nil, writes = false, prepared = false, valid = 0, lines = 0, contexts = contexts_of(clients),
    accounts = {},  -- name -> { of = account, check = digest }
    stale = {},     -- names of accounts whose credentials have changed
    sent_by = {},   -- address -> field -> digest
    names = {},     -- collection and name -> key; false: its creation was begun
    notes = {},
  }, State)
end

--- A state that knows nothing and keeps nothing, for a plan without one.
function state.none(clients) return empty(clients) end

--- Opens the state at `given`, a path or an object (see state_store.lua), for the accounts `clients` (name -> client).
-- `options.write`: it is locked, and created where it is missing, until close(). Returns the state, whose `notes` is
-- a list of texts for people; or nil and an error value: kind "conflict" where another apply uses it.
function state.open(given, clients, options)
  local self = empty(clients)
  self.label = type(given) == "string" and given or "state"
  local problem = stores.problem(given)
  if problem then return nil, failure(self, "invalid", problem) end
  local store, kind, message = stores.open(given, options and options.write)
  if not store then return nil, failure(self, kind, message) end
  self.store, self.writes = store, options and options.write or false
  local ended, failed = pcall(function()
    local text
    text, problem = store:read()
    if text then
      self.valid, problem = read(self, text)
      problem = problem or compare_accounts(self)
    end
  end)
  if ended and not problem then return self end
  self:close()
  if not ended then error(failed, 0) end
  return nil, failure(self, "invalid", problem)
end

return state
