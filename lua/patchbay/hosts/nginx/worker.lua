--- Runs in a thread of nginx's pool: sends one request, and waits for its response. Each Lua state keeps its
-- connections from one request to the next.

local core = require "patchbay.core"

local worker = {}

-- Seconds of one wait; nothing depends on it.
local SLICE = 5
-- Clients with equal settings share connections. The pools used last are kept.
local MOST_POOLS = 8

local pools = {} -- the one used last first: { key =, pool = }

local function pool_of(key, settings)
  for i, kept in ipairs(pools) do
    if kept.key == key then
      table.insert(pools, 1, table.remove(pools, i))
      return kept.pool
    end
  end
  table.insert(pools, 1, { key = key, pool = core.http.pool(settings) })
  if #pools > MOST_POOLS then table.remove(pools) end
  return pools[1].pool
end

-- Header sets by their lines: a client sends the same ones until its token changes. Emptied when full. They
-- hold credentials, and this Lua state runs no script.
local MOST_SETS = 64
local sets, set_count = {}, 0

local function headers_of(lines)
  local text = table.concat(lines, "\n")
  local set = sets[text]
  if not set then
    if set_count >= MOST_SETS then sets, set_count = {}, 0 end
    set = core.http.headers(lines)
    sets[text], set_count = set, set_count + 1
  end
  return set
end

local function transfer_of(key, settings, request, lines, body)
  local left = request.timeout - (core.system.clock() - request.asked)
  if not core.claims.take(request.claim) or left <= 0 then -- withdrawn: nobody waits for it any more
    return nil, { kind = "timeout", sent = "no",
      message = ("no thread of nginx's pool was free within %g s"):format(request.timeout) }
  end
  local pool = pool_of(key, settings)
  local transfer = pool:start(request.method, request.url, headers_of(lines), body, left)
  while not pool:wait(transfer, SLICE) do end
  local status, response, message, sent, retry = transfer:result()
  if not status then
    response, status = { kind = response, message = message, sent = sent, retry = retry,
      status = transfer:status() }, nil
  end
  local headers = status and (request.keeps_headers or status > 299) and transfer:headers() or nil
  transfer:close()
  return status, response, headers or {}
end

--- Sends a request: `key` and `settings` of the connections; `request`: { method =, url =, timeout =, asked =
-- time on the clock, claim = of core.claims, closed when the request was withdrawn, keeps_headers = };
-- `lines` of the headers; `body`. Returns the results of a host's send(); or false and the message of an
-- error.
function worker.send(key, settings, request, lines, body)
  local ok, status, response, headers = pcall(transfer_of, key, settings, request, lines, body)
  if not ok then return false, tostring(status) end
  return status, response, headers
end

return worker
