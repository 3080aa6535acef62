--- Keeps the tokens of an account in a file between runs (the option `token_cache`). It is to one machine's
-- processes what hosts/nginx/shared.lua is to the workers of an nginx: one logs in, the others take its
-- token.
--
-- A file that others may read or write is refused. For the rest a cache never fails a call: a file that
-- cannot be read, written or locked is reported once, and the client logs in as it would without one.

local core = require "patchbay.core"
local token_file = require "patchbay.auth.token_file"

local token_cache = {}

-- Seconds that a login waits for the one of another process, unless the client's deadline is shorter.
local LONGEST_WAIT = 30

-- Hexadecimal digits of the names of entries.
local KEY_DIGITS = 32

-- Problems that were said in this process.
local said = {}

local function say(self, problem)
  local line = ("patchbay: %s: option token_cache: %s; tokens are not kept"):format(self.vendor, problem)
  if said[line] then return end
  said[line] = true
  self.report(line)
end

-- Whether the folders of a path lead from the root, as the specification of XDG demands.
local function is_absolute(path) return path ~= nil and path:sub(1, 1) == "/" end

--- Where tokens are kept by default, by the XDG Base Directory Specification; nil where the environment says
-- nothing.
function token_cache.default_path()
  local cache, home = os.getenv "XDG_CACHE_HOME", os.getenv "HOME"
  if not is_absolute(cache) then cache = is_absolute(home) and home .. "/.cache" or nil end
  return cache and cache:gsub("/+$", "") .. "/patchbay/tokens" or nil
end

local Cache = {}
Cache.__index = Cache

-- It is a table of secrets' names; tostring shows none of it.
Cache.__tostring = function() return "patchbay token cache" end

-- The name of an endpoint's entry: nobody who has not the credentials can tell it.
local function key_of(self, endpoint)
  return core.journal.hmac(self.account, "token for " .. endpoint):sub(1, KEY_DIGITS)
end

-- The digest by which an entry is known again.
local function mark_of(entry) return entry and core.journal.digest(core.json.encode(entry.values)) end

--- The text that was kept for an endpoint, or nil.
function Cache:get(endpoint)
  local key = key_of(self, endpoint)
  local text, _, problem = token_file.read(self.path, self.is_ours)
  if not text then say(self, problem) end
  local entry = text and token_file.find(text, key)
  if entry and (entry.vendor ~= self.vendor or entry.address ~= self.address
    or entry.endpoint ~= endpoint) then
    entry = nil
  end
  local mark = mark_of(entry)
  self.seen[endpoint] = mark
  -- A token that could not be replaced is older than those that the client has had since.
  if mark == self.stale[endpoint] then return nil end
  return entry and core.json.encode(entry.values) or nil
end

-- Puts `entry` (nil: nothing) where `seen` was. Returns whether it is there now; false, too, where another
-- process has put something else there.
local function write(self, endpoint, entry)
  if self.is_ours and not self.has_folder then
    core.own_file.make_folders(self.path) -- writing says why there is none
    self.has_folder = true
  end
  local key, seen = key_of(self, endpoint), self.seen[endpoint]
  if entry then entry.key = key end
  local may = false
  -- A token that another process has put there meanwhile is newer. A missing one was dropped by another.
  local function may_replace(present)
    may = present == nil and entry ~= nil or present ~= nil and mark_of(present) == seen
    return may
  end
  local ok, problem = token_file.write(self.path, self.is_ours, key, entry, may_replace, self.host)
  if ok then
    self.seen[endpoint] = mark_of(entry)
    return may
  end
  self.stale[endpoint] = seen
  say(self, problem)
  return false
end

--- Keeps a text, an object of JSON, for an endpoint. `seconds`: how long its token lives, nil where that is
-- not known; `renewable`: whether the text is of use after that.
function Cache:put(endpoint, text, seconds, renewable)
  local now = self.host:now()
  write(self, endpoint, {
    vendor = self.vendor, address = self.address, endpoint = endpoint, values = core.json.decode(text),
    saved = core.text.format_time(math.floor(now), "date-time"), renewable = renewable and true or nil,
    ["until"] = seconds and core.text.format_time(math.floor(now + seconds), "date-time") or nil,
  })
end

--- Forgets the text that get() has returned for an endpoint. Returns whether this process alone has it now:
-- false where another one has dropped or replaced it, and where it cannot be removed.
function Cache:drop(endpoint)
  return write(self, endpoint, nil)
end

--- Calls `work(waited)` while no other process does work of the same name, and returns its two results.
-- `waited`: seconds for which another one worked. One that works for too long is not waited for.
function Cache:alone(endpoint, work)
  local held = self.held[endpoint]
  if held then held:close() end -- its work has ended with an error
  if self.is_ours then core.own_file.make_folders(self.path) end
  local path = ("%s.%s.lock"):format(self.path, key_of(self, endpoint))
  -- Where there is no lock, put() says why.
  local lock, reason, _, waited = token_file.lock(path, self.wait, self.host)
  self.held[endpoint] = lock
  -- Without pcall: Lua 5.1 cannot yield within it.
  local one, two = work(lock and reason or waited)
  if lock and self.held[endpoint] == lock then
    self.held[endpoint] = nil
    token_file.unlock(path, lock)
  end
  return one, two
end

--- The cache of a client. `given`: the option, true or a path; `account`: { vendor =, address =, secret =
-- text that differs between any two accounts, and with every change of their credentials }; `host`: whose
-- clock and sleep are used; `deadline`: the client's, or nil; `report(line)`: says a problem. Returns nil
-- and a problem where the file must not be used.
function token_cache.new(given, account, host, deadline, report)
  local self = setmetatable({ vendor = account.vendor, address = account.address, host = host,
    report = report,
    outlives = true, is_ours = given == true, seen = {}, stale = {}, held = {},
    wait = math.min(deadline or LONGEST_WAIT, LONGEST_WAIT) }, Cache)
  -- A digest: no table has the credentials themselves.
  self.account = core.journal.hmac(account.secret, "tokens of " .. account.vendor)
  self.path = given == true and token_cache.default_path() or given
  if self.path == true then
    say(self, "neither XDG_CACHE_HOME nor HOME says where to keep them; name a file")
    return nil
  end
  local text, reason, problem = token_file.read(self.path, self.is_ours)
  if not text and token_file.is_unsafe(reason) then return nil, problem end
  return self
end

return token_cache
