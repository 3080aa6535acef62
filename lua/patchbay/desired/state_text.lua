--- The text of a state: JSON objects, one a line, only ever appended to.
--
--   {"patchbay_state":1,"version":"0.2.0","at":"2026-05-02T01:00:00Z"}
--   {"account":"acme","vendor":"acme","address":"https://…","id":"6b86b273…","check":"…",
--   "at":"…"} (on one line)
--   {"creating":"main trunk","in":"acme.voice_routes","at":"…"}
--   {"created":"main trunk","in":"acme.voice_routes","key":"CRID-…","at":"…"}
--   {"not_created":"main trunk","in":"acme.voice_routes","at":"…"}
--   {"record":"acme.voice_routes CRID-…","sent":{"TrunkIp1":"91b5f1a8c5b86cb6…"},"at":"…"}
--   {"forget":"acme.voice_routes CRID-…","at":"…"}
--
-- A later line holds where two disagree. `check` and the values of `sent` are keyed digests; no line holds a
-- value. An account's line with another `check` than before ends the knowledge of the values that were sent
-- to it.

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local header = require "patchbay.bulk.journal_header"
local names = require "patchbay.desired.names"

local encode, decode = core.json.encode, core.json.decode

local state_text = {}

local VERSION = 1
local START = '{"patchbay_state":'

--- The contents of a state without a line.
function state_text.nothing()
  return {
    accounts = {}, -- name -> { of = account, see bulk/journal_header.lua, check = digest }
    sent = {},     -- address -> field -> digest
    names = {},    -- collection and name, see names.qualified -> key; false: its creation was begun
    sent_at = {},  -- address -> the time of the last line about values that were sent
    latest = nil,  -- the time of the last line
    lines = 0,     -- in the text
    valid = 0,     -- bytes of the text up to a torn last line
  }
end

--- The account that `address` ("acme.voice_routes CRID-…") begins with, among the keys of `accounts`: of
-- several the longest name.
function state_text.account_of(accounts, address)
  local found
  for name in pairs(accounts) do
    if address:sub(1, #name + 1) == name .. "." and (not found or #name > #found) then found = name end
  end
  return found
end

--- Forgets the values that were sent to an account: its credentials are others now.
function state_text.forget_account(contents, name)
  for address in pairs(contents.sent) do
    if state_text.account_of(contents.accounts, address) == name then contents.sent[address] = nil end
  end
end

-- ---- reading ----

local readers = {}

function readers.account(contents, entry)
  local account = header.account_of(entry)
  if type(entry.account) ~= "string" or not account then return false end
  account.account = type(entry.id) == "string" and entry.id or nil
  local former = contents.accounts[entry.account]
  if former and former.check ~= entry.check then state_text.forget_account(contents, entry.account) end
  contents.accounts[entry.account] = { of = account, check = entry.check }
  return true
end

function readers.record(contents, entry)
  if type(entry.record) ~= "string" or type(entry.sent) ~= "table" then return false end
  state_text.add_sent(contents, entry.record, entry.sent)
  contents.sent_at[entry.record] = type(entry.at) == "string" and entry.at or nil
  return true
end

function readers.forget(contents, entry)
  if type(entry.forget) ~= "string" then return false end
  contents.sent[entry.forget] = nil
  return true
end

local function read_name(contents, entry, name, known)
  if type(name) ~= "string" or type(entry["in"]) ~= "string" then return false end
  contents.names[names.qualified(entry["in"], name)] = known
  return true
end

function readers.creating(contents, entry) return read_name(contents, entry, entry.creating, false) end
function readers.not_created(contents, entry) return read_name(contents, entry, entry.not_created, nil) end

function readers.created(contents, entry)
  local kind = type(entry.key)
  if kind ~= "string" and kind ~= "number" then return false end
  return read_name(contents, entry, entry.created, entry.key)
end

--- Adds digests, by field, of the values that were sent to the record at `address`.
function state_text.add_sent(contents, address, digests)
  local sent = contents.sent[address]
  if not sent then
    sent = {}
    contents.sent[address] = sent
  end
  for field, digest in next, digests do sent[field] = digest end
end

-- Takes one line: true; false for one that no state has.
local function take(contents, entry)
  if type(entry) ~= "table" then return false end
  if type(entry.at) == "string" then contents.latest = entry.at end
  for name, reader in pairs(readers) do
    if entry[name] ~= nil then return reader(contents, entry) end
  end
  return false
end

-- The problem with the first line, or nil.
local function problem_of_header(line)
  local decoded = decode(line)
  local version = type(decoded) == "table" and decoded.patchbay_state
  if type(version) ~= "number" then return "line 1 is damaged; use another file" end
  if version <= VERSION then return nil end
  local writer = type(decoded.version) == "string" and "Patchbay " .. decoded.version or "a later Patchbay"
  return ("written by %s (state format %s, this one knows %d); use that version, or another file"):format(
    writer, encode(version), VERSION)
end

--- The contents of a text; or nil and the problem. An incomplete last line, whose process was killed while it
-- wrote it, does not count.
function state_text.read(text)
  if text:sub(1, #START) ~= START:sub(1, #text) then
    return nil, "this is not a state, and was left as it is; use another file"
  end
  local contents, at, bad = state_text.nothing(), 1, nil
  while true do
    local newline = text:find("\n", at, true)
    if not newline then
      contents.valid = (bad and bad.at or at) - 1
      return contents
    end
    local line, number = text:sub(at, newline - 1), contents.lines + 1
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
      elseif not take(contents, entry) then
        return nil, ("line %d is not one that a state has; use another file"):format(number)
      end
    end
    at, contents.lines = newline + 1, number
  end
end

-- ---- writing ----

local function time_text() return core.text.format_time(math.floor(core.system.now()), "date-time") end

--- The lines, each with its newline. `version`: of this Patchbay.
function state_text.header_line(version)
  return ('%s%d,"version":%s,"at":"%s"}\n'):format(START, VERSION, encode(version), time_text())
end

--- `of`: the account of a context, see client/context.lua; `digest`: a text that changes with its
-- credentials, or nil.
function state_text.account_line(name, of, digest)
  return ('{"account":%s,"vendor":%s,"address":%s%s%s,"at":"%s"}\n'):format(encode(name), encode(of.vendor),
    encode(of.address), of.account and not of.by_secret and ',"id":' .. encode(of.account) or "",
    digest and ',"check":' .. encode(digest) or "", time_text())
end

--- `at`: the time when they were sent; by default now.
function state_text.record_line(address, digests, at)
  return ('{"record":%s,"sent":%s,"at":%s}\n'):format(encode(address), encode(digests),
    encode(at or time_text()))
end

function state_text.forget_line(address)
  return ('{"forget":%s,"at":"%s"}\n'):format(encode(address), time_text())
end

--- `what`: "creating", "created" (with `key`), or "not_created".
function state_text.name_line(what, full, name, key)
  return ('{"%s":%s,"in":%s%s,"at":"%s"}\n'):format(what, encode(name), encode(full),
    key ~= nil and ',"key":' .. encode(key) or "", time_text())
end

local function count(set)
  local number = 0
  for _ in pairs(set) do number = number + 1 end
  return number
end

--- The number of lines that a text of the same contents needs.
function state_text.live(contents)
  return 1 + count(contents.accounts) + count(contents.names) + count(contents.sent)
end

--- The shortest text that says the same.
function state_text.live_text(contents, version)
  local parts = { state_text.header_line(version) }
  for _, name in ipairs(check.names(contents.accounts)) do
    local account = contents.accounts[name]
    parts[#parts + 1] = state_text.account_line(name, account.of, account.check)
  end
  for _, qualified in ipairs(check.names(contents.names)) do
    local full, name = qualified:match "^([^\n]*)\n(.*)$"
    local key = contents.names[qualified]
    parts[#parts + 1] = state_text.name_line(key and "created" or "creating", full, name, key or nil)
  end
  for _, address in ipairs(check.names(contents.sent)) do
    parts[#parts + 1] = state_text.record_line(address, contents.sent[address],
      contents.sent_at[address])
  end
  return table.concat(parts)
end

return state_text
