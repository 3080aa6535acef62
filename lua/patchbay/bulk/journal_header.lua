--- The first line of a journal, which identifies its run.
--
-- An account is { vendor =, address = (the server's root), account = (a digest, or nil
-- where nothing distinguishes accounts) }.

local core = require "patchbay.core"

local header = {}

local VERSION = 2
-- The module that converts a journal of an older format; see there.
local CONVERTER = "patchbay.bulk.journal_upgrade"

local OLD = 1 -- had no accounts, places and open orders
header.START = '{"patchbay_journal":'

local encode, decode = core.json.encode, core.json.decode

--- The members that name an account, as JSON text.
function header.members(account)
  return ('"vendor":%s,"address":%s%s'):format(encode(account.vendor), encode(account.address),
    account.account and ',"account":' .. encode(account.account) or "")
end

--- The first line. `own`: JSON text of `job`, `first` and `count` (nil where unknown); `account`: nil if the
-- run has used no client.
function header.line(own, account, time)
  return ('%s%d,"job":%s%s%s%s,"started":"%s"}'):format(header.START, VERSION, own.job,
    account and "," .. header.members(account) or "", own.first and ',"first":' .. own.first or "",
    own.count and ',"count":' .. own.count or "", time)
end

--- The account in a decoded line, or nil.
function header.account_of(entry)
  if type(entry.vendor) ~= "string" or type(entry.address) ~= "string" then return nil end
  return { vendor = entry.vendor, address = entry.address,
    account = type(entry.account) == "string" and entry.account or nil }
end

--- Whether two accounts may be the same.
function header.same_account(a, b)
  return a.vendor == b.vendor and a.address == b.address
    and (a.account == b.account or a.account == nil or b.account == nil)
end

--- "example at https://api.example.com, account 6b86b273ff34fce1"
function header.describe_account(account)
  return ("%s at %s%s"):format(account.vendor, account.address,
    account.account and ", account " .. account.account or "")
end

-- Describes a run, as in: job "move", first item "a", 3 items. Each part is JSON text, or nil.
local function describe(job, first, count)
  return ("job %s%s%s"):format(job, first and ", first item " .. first or "",
    count and (", %s item%s"):format(count, count == "1" and "" or "s") or "")
end

-- A value of the header as JSON text, or nil.
local function part(decoded, name)
  local value = decoded[name]
  return value ~= nil and value ~= core.json.null and encode(value) or nil
end

-- The problem with a header of this version, or nil.
local function wrong_version(version)
  if type(version) ~= "number" then return "line 1 is damaged; use another file" end
  if version == VERSION then return nil end
  if version == OLD then
    return ("written by an older Patchbay (journal format %d, this one writes %d); finish it with the "
      .. 'version that wrote it, or convert it with require(%q).convert "FILE"'):format(OLD, VERSION,
      CONVERTER)
  end
  return ("written by another version of Patchbay (journal format %s, this one knows %d); use that "
    .. "version, or another file"):format(encode(version), VERSION)
end

--- Compares the first line with this run. Returns the account in it, or nil; and a message if the line
-- belongs to another run.
function header.check(line, own)
  local decoded = decode(line)
  if type(decoded) ~= "table" then return nil, "line 1 is damaged; use another file" end
  local problem = wrong_version(decoded.patchbay_journal)
  if problem then return nil, problem end
  local job, first, count = part(decoded, "job"), part(decoded, "first"), part(decoded, "count")
  -- The number of an iterator's items is not known.
  local other_count = count and own.count and count ~= own.count
  if job == own.job and first == own.first and not other_count then return header.account_of(decoded) end
  return nil, ("the journal of %s: %s; this run is %s; delete the file to start over, or use another one")
    :format(job == own.job and "other items" or "another job", describe(job or "?", first, count),
      describe(own.job, own.first, own.count))
end

return header
