--- A store that several machines share, Redis or Valkey: runs scripts in it, and knows whether it is there.
--
-- A client of the host (hiredis.lua, resty.lua, haproxy.lua) carries the commands. It has
--   call(build, seconds)   sends build(fresh), a list of texts, and waits so long for the reply. `fresh`:
--       whether the connection is a new one. Returns true and the reply (text, a number, false for nothing, a
--       list), or false and the text of an error; or nil and why there is no reply
--   post(build, refused)   the same without waiting; refused(text) is called when an error is read in reply
--   close()                ends the connections

local core = require "patchbay.core"
local hosts = require "patchbay.hosts"
local require = require "patchbay.util.require"

local clock = core.system.clock

local store = {}

--- Seconds for connecting, and for one command. A store beside the machines answers in less than one
-- thousandth; while it does not, a script without `each` stands still.
store.CONNECT, store.COMMAND = 1, 1

-- Seconds until the next attempt after a failed one: doubled each time, up to the longest. It also bounds how
-- long a machine goes on by its share after the store has come back.
local FIRST_REST, LONGEST_REST = 0.1, 2

-- Replies that say that the store cannot be used now, by their first word, in our words.
local WORDS = {
  OOM = "it is full (maxmemory)", LOADING = "it is still loading its data",
  READONLY = "it is a read-only replica", MASTERDOWN = "its master is away",
  MISCONF = "it cannot write to its disk", NOAUTH = "it asks for a password",
  WRONGPASS = "it refuses the user or the password", NOPERM = "its rules forbid this user a command",
  CLUSTERDOWN = "its cluster is down", MOVED = "it is one node of a cluster, and not the one with these keys",
  BUSY = "it is busy with a script",
  WRONGTYPE = "one of our keys (patchbay:*) holds what something else has written; delete it",
}

local Store = {}
Store.__index = Store

-- The client of this host; or nil and the problem with the address or the installation.
local function new_client(address, pool)
  if hosts.name == "nginx" then return require("patchbay.shared.resty").new(address, pool, store) end
  if hosts.name == "HAProxy" then return require("patchbay.shared.haproxy").new(address, pool, store) end
  return require("patchbay.shared.hiredis").new(address, pool, store)
end

-- Notes a failure, and reports its consequence once. Returns nil and the reason.
local function fail(self, problem)
  local now = clock()
  self.rest = math.min(2 * (self.rest or FIRST_REST / 2), LONGEST_REST)
  self.problem, self.retry_at = problem, now + self.rest
  if not self.away_since then
    self.away_since = now
    hosts.report(("patchbay: the store %s is away: %s; %s"):format(self.shown, problem, self.consequence))
  end
  return nil, problem
end

local function succeeded(self)
  if not self.away_since then return end
  hosts.report(("patchbay: the store %s is back after %.0f s"):format(self.shown, clock() - self.away_since))
  self.away_since, self.retry_at, self.rest, self.problem = nil, nil, nil, nil
end

local function problem_of(text)
  -- Redis 6 puts its own words before those of an error within a script.
  local word = text:match "^(%u+) " or text:match "%-(%u+) "
  if word == "ERR" then word = text:match "%-(%u+) " end
  if text:find("can't run this command", 1, true) then word = "NOPERM" end
  return WORDS[word or ""] or "it answered " .. core.text.hide_userinfo(text)
end

-- The command that runs a script. A store knows a script by a digest once it has loaded it.
local function command_of(script, sha, keys, args)
  local command = { sha and "EVALSHA" or "EVAL", sha or script, ("%d"):format(#keys) }
  for _, key in ipairs(keys) do command[#command + 1] = key end
  for _, value in ipairs(args) do command[#command + 1] = value end
  return command
end

-- Script -> its digest, as stores name it.
local digests = {}

-- Loads a script into the store: as call(), with its digest.
local function introduce(self, script)
  local ok, sha = self.client:call(function() return { "SCRIPT", "LOAD", script } end, store.COMMAND)
  if ok then digests[script] = sha end
  return ok, sha
end

local function arguments(args, fresh) return type(args) == "function" and args(fresh) or args end

--- Whether an attempt at the store makes sense now.
function Store:is_worth_trying() return not self.retry_at or clock() >= self.retry_at end

--- Seconds until the next attempt; 0 where one may be made.
function Store:rest_left() return self.retry_at and math.max(0, self.retry_at - clock()) or 0 end

--- Runs `script` with `keys` and `args`, lists of texts; `args` may be a function of whether the connection
-- is new. Returns its reply; or nil and why the store cannot be used.
function Store:run(script, keys, args)
  if not self:is_worth_trying() then return nil, self.problem end
  local client = self.client
  local ok, reply = true, nil
  if not digests[script] then ok, reply = introduce(self, script) end
  if ok then
    ok, reply = client:call(function(fresh)
      return command_of(script, digests[script], keys, arguments(args, fresh))
    end, store.COMMAND)
    if ok == false and reply:find "^NOSCRIPT" then
      ok, reply = client:call(function(fresh)
        return command_of(script, nil, keys, arguments(args, fresh))
      end, store.COMMAND)
    end
  end
  if ok then
    succeeded(self)
    return reply
  end
  return fail(self, ok == nil and tostring(reply) or problem_of(reply))
end

--- Runs a script without waiting for its end; nothing happens where the store is away.
function Store:post(script, keys, args)
  if self.away_since then return end
  if not digests[script] then
    self:run(script, keys, args)
    return
  end
  local function whole() return command_of(script, nil, keys, args) end
  self.client:post(function() return command_of(script, digests[script], keys, args) end, function(text)
    -- The store has been restarted since.
    if text:find "^NOSCRIPT" then self.client:post(whole) end
  end)
end

--- A text that tells this Lua from all others that use the store: its member. Made at the first use, as the
-- workers of nginx are copies of the process that made the client.
function Store:member()
  if not self.id then
    local function part() return math.floor(core.system.random() * 2 ^ 24) end
    self.id = ("%06x%06x"):format(part(), part())
  end
  return self.id
end

--- A store at `address` (see address.lua). `pool`: the name of the connections' pool;
-- `consequence`: the effect of its absence, for people. Returns nil and the problem where there is no client
-- for it.
function store.new(address, pool, consequence)
  local client, problem = new_client(address, pool)
  if not client then return nil, problem end
  return setmetatable({ client = client, shown = address.shown, consequence = consequence, id = nil,
    away_since = nil, retry_at = nil, rest = nil, problem = nil }, Store)
end

return store
