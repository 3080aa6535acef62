--- Shared by the HTTP specs: sends one request and waits for it.

local core = require "patchbay.core"

local support = { http = core.http }

--- Waits in slices, as callers do.
function support.finish(pool, transfer)
  while not pool:wait(transfer, 0.5) do end -- luacheck: ignore 542
  return transfer
end

function support.send(pool, method, url, headers, body, timeout)
  return support.finish(pool, pool:start(method, url, headers, body, timeout))
end

--- The error as a table, for assertions on several parts at once.
function support.failure(transfer)
  local kind, message, sent, again = transfer:error()
  return { kind = kind, message = message, sent = sent, retry = again }
end

return support
