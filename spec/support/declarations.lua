--- Desired states in specs, for clients of all vendors.

local accounts = require "patchbay.desired.accounts"
local declaration = require "patchbay.desired.declaration"
local made_up_vendor = require "spec.support.made_up_vendor"
local patchbay = require "patchbay"
local support = require "spec.support.telegent_client"

--- `ACCOUNT`: the account of the made-up vendor's client.
local declarations = { ACCOUNT = "AC" .. ("0"):rep(32) }

--- Clients of all vendors by account, on a sandbox that nothing is sent to, and the sandbox. `options`: of
-- each client.
function declarations.clients(options)
  local transport = patchbay.sandbox()
  local function with(settings)
    settings.transport = transport
    for name, value in pairs(options or {}) do settings[name] = value end
    return settings
  end
  local _, made = accounts.of {
    telegent = support.new(options),
    crazytel = patchbay.crazytel(with { api_key = "a-made-up-key" }),
    convirza = patchbay.convirza(with { email = "a@example.com", password = "made-up-password" }),
    acme = patchbay.vendor(made_up_vendor.description()) (with { account_sid = declarations.ACCOUNT,
      auth_token = "made-up-token" }),
  }
  return made, transport
end

--- A desired state without faults.
function declarations.declared(raw, options)
  return assert(declaration.new(declarations.clients(), raw, options))
end

--- The faults of a desired state, as lines.
function declarations.faults(raw, options, client_options)
  local made, list = declaration.new(declarations.clients(client_options), raw, options)
  assert(made == nil, "the desired state has no fault")
  local lines = {}
  for i, fault in ipairs(list) do lines[i] = fault.path .. ": " .. fault.message end
  return lines
end

return declarations
