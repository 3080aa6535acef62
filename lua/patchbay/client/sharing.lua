--- The state that a client shares with others that use its account: the workers of its nginx, in a
-- lua_shared_dict, or the machines of a store (option `shared`).

local hosts = require "patchbay.hosts"
local require = require "patchbay.util.require"
local store_address = require "patchbay.shared.address"

local sharing = {}

-- Among the workers of an nginx.
local function of_workers(settings, identity, host)
  local state = hosts.share(settings.shared, identity, host)
  return { tokens = settings.share_tokens ~= false and state or nil, counts = settings.shared,
    new_pace = function(rate, unit, longest)
      return require("patchbay.exchange.shared_pace").new(state, host, rate, unit, longest)
    end }
end

local function consequence(settings)
  if settings.shared_required then return "nothing is sent until it is back (shared_required)" end
  return "after one window of the rate in which nothing is sent, each machine goes on with its share"
end

-- Among machines.
local function of_machines(settings, identity, account, host)
  local scripts, stores = require "patchbay.shared.scripts", require "patchbay.shared.store"
  local prefix = scripts.prefix(("%s\n%s\n%s"):format(account.vendor, account.address,
    account.account or identity))
  local store, problem = stores.new(store_address.parse(settings.shared), prefix, consequence(settings))
  if not store then return nil, problem end
  local tokens
  if settings.share_tokens ~= false then
    tokens = require("patchbay.shared.tokens").new(store, prefix, identity, host, settings.timeout)
  end
  return { tokens = tokens, order = require("patchbay.shared.order").new(store, prefix, host),
    new_pace = function(rate, unit, longest)
      return require("patchbay.shared.pace").new(store, prefix, host, rate, unit, longest,
        settings.shared_required)
    end }
end

--- The state that a client with these checked `settings` shares, `shared` among them; or nil and the problem.
--   tokens   of logins: get(name), put(name, text, seconds), alone(name, work) and, where a refused token
--            can be taken out, drop(name, text); nil where they are not shared
--   new_pace(rate, unit, longest)   a pace (see exchange/pace.lua)
--   order    of changes (see shared/order.lua), or nil
--   counts   the name of a store of counts (see exchange/meter.lua), or nil
-- `identity`: text that differs between any two sets of credentials; `account`: see client/context.lua.
function sharing.new(settings, identity, account, host)
  if store_address.is_one(settings.shared) then return of_machines(settings, identity, account, host) end
  return of_workers(settings, identity, host)
end

return sharing
