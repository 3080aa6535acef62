--- What runs in a thread of nginx's pool: one request, and the thread waits for its answer. Each Lua state
-- keeps its connections from one request to the next.

local core = require "patchbay.core"

local worker = {}

-- Waiting is done in slices; nothing depends on how long.
local SLICE = 5
-- Clients with the same settings use the same connections. Of many kinds of settings the ones used last
-- are kept.
local MOST_POOLS = 8

local pools = {} -- the one used last comes first: { key =, pool = }

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
  if not core.claims.take(request.claim) or left <= 0 then -- taken back: nobody waits for it any more
    return nil, { kind = "timeout", sent = "no",
      message = ("no thread of nginx's pool was free within %g s"):format(request.timeout) }
  end
  local pool = pool_of(key, settings)
  local transfer = pool:start(request.method, request.url, headers_of(lines), body, left)
  while not pool:wait(transfer, SLICE) do end
  local status, answer, message, sent, retry = transfer:result()
  if not status then
    answer, status = { kind = answer, message = message, sent = sent, retry = retry,
      status = transfer:status() }, nil
  end
  local headers = status and (request.keeps_headers or status > 299) and transfer:headers() or nil
  transfer:close()
  return status, answer, headers or {}
end

--- Sends a request: `key` and `settings` of the connections; `request`: { method =, url =, timeout =,
-- asked = (when, by the clock), claim = (of core.claims, closed where the request was taken back),
-- keeps_headers = }; `lines` of the headers; `body`.
-- Gives what a host's send() gives; false and a message for what it raises.
function worker.send(key, settings, request, lines, body)
  local good, status, answer, headers = pcall(transfer_of, key, settings, request, lines, body)
  if not good then return false, tostring(status) end
  return status, answer, headers
end

return worker
