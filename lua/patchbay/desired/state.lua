--- The state of a desired state: keyed digests of the values that the last apply sent, by which fields that
-- no read shows are compared, and the keys of the records that were created under a name. state_text.lua has
-- its format.
--
-- A digest is an HMAC whose key comes out of the account's credentials, so that nobody can find a short
-- value by trying. After a change of the credentials the values that were sent count as unknown. Each line is
-- one write(2), which survives the process; those of creates are on the disk before the next request. When
-- more lines are dead than alive, the next apply writes the live ones anew and puts them in the place of the
-- old ones at once.

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local client = require "patchbay.client"
local errors = require "patchbay.errors"
local header = require "patchbay.bulk.journal_header"
local names = require "patchbay.desired.names"
local paths = require "patchbay.desired.paths"
local reachable = require "patchbay.record.reachable"
local state_text = require "patchbay.desired.state_text"
local storage = require "patchbay.desired.storage"
local stores = require "patchbay.desired.state_store"

local state = {}

-- 128 bits: nobody finds another value with the same digest.
local DIGITS = 32
-- Fewer dead lines than this are not worth a new file.
local MOST_DEAD = 1000

local State = {}
State.__index = State

-- ---- digests ----

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

-- The value of a field in a form that is the same for the same value: the order of some lists does not count.
local function canonical(context, value, address, field)
  value = exact(value)
  if type(value) ~= "table" or value[1] == nil then return value end
  local resource = context.api.resources[address:match "^[^.]*%.([%w_]+)"]
  local rule = resource and paths.rule({ description = resource }, field)
  if not (rule and rule.unordered) then return value end
  local items = {}
  for i = 1, #value do items[i] = core.json.encode(value[i]) end
  table.sort(items)
  return items
end

--- The digest of a value that was, or is to be, sent to `field` ("a.b" for a nested one) of the record at
-- `address`, such as "acme.voice_routes CRID-…"; nil where the client has no credentials to make one
-- with. `context`: the client's, or the client itself.
function State:digest(context, value, address, field)
  context = reachable.context(context) or context
  local text = core.json.encode(canonical(context, value, address, field))
  local digest = context.digest(table.concat({ address, field, text }, "\n"))
  return digest and digest:sub(1, DIGITS)
end

-- The context of the client that an address belongs to.
local function context_of(self, address)
  return self.contexts[state_text.account_of(self.contexts, address)]
end

--- The digest of the value that the last apply sent to a field; nil where that is not known.
function State:sent(address, field)
  local sent = self.contents.sent[address]
  return sent and sent[field]
end

--- When something was sent to a record for the last time; nil where that is not known.
function State:sent_at(address) return self.contents.sent_at[address] end

--- The time of its last line: of the last apply that has changed something; nil where there is none.
function State:latest() return self.contents.latest end

--- Whether it has no digest of a value that was sent.
function State:is_empty() return next(self.contents.sent) == nil end

--- Compares a value with the one that the last apply sent to a field: "same", "other", or nil where that is
-- not known.
function State:compare(address, field, value)
  local sent = self.contents.sent[address]
  if not sent then return nil end
  local context, unknown, other = context_of(self, address), false, false
  paths.each_leaf(field, value, function(path, leaf)
    local digest = sent[path]
    if not digest then
      unknown = true
    elseif digest ~= self:digest(context, leaf, address, path) then
      other = true
    end
  end)
  if other then return "other" end
  return not unknown and "same" or nil
end

--- The key of the record that was created under `name` in the collection `full`, such as
-- "acme.voice_routes"; nil; or nil and "begun" where creating one was begun, and it is not known how that
-- ended.
function State:key_of(full, name)
  local key = self.contents.names[names.qualified(full, name)]
  if key == false then return nil, "begun" end
  return key
end

-- ---- accounts ----

local function check_of(context) return context.digest "check of a state" end

-- Compares the accounts in the state with the clients: nil, or the problem. Says which digests are of no use.
local function compare_accounts(self)
  local function say(message, name) self.notes[#self.notes + 1] = message:format(name) end
  for _, name in ipairs(check.names(self.contexts)) do
    local context, known = self.contexts[name], self.contents.accounts[name]
    if known and not header.same_account(known.of, context.account) then
      return ("written for the account %q (%s); this client is of %s; use that account, or another file: "
        .. "state = …"):format(name, header.describe_account(known.of),
        header.describe_account(context.account))
    end
    local digest = check_of(context)
    if not digest then
      say("%s: the client has no credentials to make digests with, so what was sent is not remembered; "
        .. "fields that cannot be read are sent when forced", name)
    elseif known and known.check ~= digest then
      state_text.forget_account(self.contents, name)
      self.stale[name] = true
      say("%s: its credentials have changed since the last apply, so what was sent is not known any more; "
        .. "fields that cannot be read are sent when forced", name)
    end
  end
end

-- ---- writing ----

-- Makes the store ready for the first line, which gets the header before it: true, or nil and a message.
local function prepare(self)
  if self.prepared then return true end
  local contents, live = self.contents, state_text.live(self.contents)
  local ok, problem
  if contents.lines - live > math.max(MOST_DEAD, live) then
    ok, problem = self.store:replace(state_text.live_text(contents, client.VERSION))
  else
    ok, problem = self.store:cut(contents.valid)
    if ok and contents.valid == 0 then self.head = state_text.header_line(client.VERSION) end
  end
  self.prepared = ok
  return ok, problem
end

local function cannot_write(self, problem)
  local message = ("%s: the state cannot be written (%s); the apply cannot go on, for what it does would be "
    .. "forgotten; start it again once that is mended"):format(self.label, tostring(problem))
  error(errors.new { kind = "invalid", outcome = "not_sent", message = message }, 0)
end

--- Makes the state ready for lines from several tasks at once: an object may let other tasks run while it is
-- written. Raises an error value when it cannot be written.
function State:begin()
  local ok, problem = prepare(self)
  if not ok then cannot_write(self, problem) end
end

-- Appends a line. Raises when it cannot be written: a later run would not know of it.
local function append(self, line, durable)
  if not self.writes then error(self.label .. ": the state was not opened for writing", 3) end
  local ok, problem = prepare(self)
  if ok then
    local head = self.head
    local text = head and head .. line or line
    self.head = nil -- before other tasks run
    ok, problem = self.store:append(text, durable)
  end
  if not ok then cannot_write(self, problem) end
end

-- Records the account that an address belongs to, unless that is known.
local function declare(self, address)
  local name = state_text.account_of(self.contexts, address)
  local context, accounts = self.contexts[name], self.contents.accounts
  if not context or accounts[name] and not self.stale[name] then return end
  local digest = check_of(context)
  append(self, state_text.account_line(name, context.account, digest))
  accounts[name], self.stale[name] = { of = context.account, check = digest }, nil
end

--- Records digests, by field, of the values that were sent to the record at `address`. This and the
-- functions below raise an error value when it cannot be written.
function State:note(address, digests)
  if next(digests) == nil then return end
  declare(self, address)
  append(self, state_text.record_line(address, digests))
  self.contents.sent_at[address] = nil -- of this line; it is known when the text is read again
  state_text.add_sent(self.contents, address, digests)
end

--- The same of `sent`, a table from field to value. Of an object each member that stands for itself
-- has a digest.
function State:remember(address, sent)
  local context, digests = context_of(self, address), {}
  for field, value in pairs(sent) do
    paths.each_leaf(field, value, function(path, leaf)
      digests[path] = self:digest(context, leaf, address, path)
    end)
  end
  self:note(address, digests)
end

--- Records that a record has been deleted: nothing is known of it any more.
function State:forget(address)
  if not self.contents.sent[address] then return end
  append(self, state_text.forget_line(address))
  self.contents.sent[address] = nil
end

--- Records, before it is sent, that a record is to be created under `name` in the collection `full`.
function State:creating(full, name)
  declare(self, full)
  append(self, state_text.name_line("creating", full, name), true)
  self.contents.names[names.qualified(full, name)] = false
end

--- Records the key of the record that was created under `name`, or adopted.
function State:created(full, name, key)
  declare(self, full)
  append(self, state_text.name_line("created", full, name, key), true)
  self.contents.names[names.qualified(full, name)] = key
end

--- Records that there is no record under `name`: the vendor refused to create it, or it has been deleted.
function State:not_created(full, name)
  append(self, state_text.name_line("not_created", full, name))
  self.contents.names[names.qualified(full, name)] = nil
end

--- The length of its file, which grows with all that is recorded.
function State:size() return self.contents.valid end

--- Raises an error value unless the state is still ours: another machine may have taken it over.
function State:hold()
  local ok, problem = self.store:hold()
  if ok then return end
  error(errors.new { kind = "conflict", outcome = "not_sent",
    message = ("%s: not sent: %s"):format(self.label, tostring(problem)) }, 0)
end

--- Gives the file up to others. May be called more than once.
function State:close()
  if self.store then self.store:close() end
  self.store, self.writes = nil, false
end

-- ---- opening ----

local function new(clients)
  local contexts = {}
  for name, value in pairs(clients) do contexts[name] = reachable.context(value) or value end
  return setmetatable({ label = "the state", store = nil, writes = false, prepared = false, head = nil,
    contexts = contexts, contents = state_text.nothing(), notes = {},
    stale = {}, -- names of accounts whose credentials have changed
  }, State)
end

--- A state that knows nothing and keeps nothing, for a plan without one.
function state.none(clients) return new(clients) end

-- The name of a storage in a store, for people; nil for any other object.
local function storage_name(given)
  local metatable = type(given) == "table" and getmetatable(given)
  return type(metatable) == "table" and metatable.__name == "patchbay.storage" and tostring(given) or nil
end

-- Reads the state that is there: nil, or the problem.
local function read(self)
  local text, problem = self.store:read()
  if not text then return problem end
  local contents
  contents, problem = state_text.read(text)
  if not contents then return problem end
  self.contents = contents
  return compare_accounts(self)
end

--- Opens the state at `given`, a path or an object (see state_store.lua), for the accounts `clients` (name ->
-- client). `options.write`: it is locked, and created where it is missing, until close(). Returns the state,
-- whose `notes` is a list of texts for people; or nil and an error value: of kind "conflict" where another
-- apply uses it.
function state.open(given, clients, options)
  local self = new(clients)
  if type(given) == "string" then self.label = given end
  if storage_name(given) then self.label = storage_name(given) end
  local function failure(kind, message)
    return errors.new { kind = kind, outcome = "not_sent", message = self.label .. ": " .. message }
  end
  local unusable = storage.rule(given)
  if unusable then return nil, failure("invalid", unusable) end
  local writes = options and options.write or false
  local store, kind, message = stores.open(given, writes)
  if not store then return nil, failure(kind, message) end
  self.store, self.writes = store, writes
  local ended, problem = pcall(read, self)
  if ended and not problem then return self end
  self:close()
  if not ended then error(problem, 0) end
  return nil, failure("invalid", problem)
end

return state
