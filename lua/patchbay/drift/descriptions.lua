--- The descriptions by which snapshots are compared: those of the clients at hand, of the module's vendors,
-- and of the vendors that scripts have described. Without one, values are compared as they are written.

local core = require "patchbay.core"
local redact = require "patchbay.exchange.redact"
local require = require "patchbay.util.require"
local resources = require "patchbay.record.resource"

local descriptions = {}

-- The vendors of the module, whose descriptions can be loaded by name.
local SHIPPED = { telegent = true, convirza = true, crazytel = true }

local function no() return false end

-- Stands for a client: the description as it is.
local function bare(api)
  return { api = api, name = api.name, allows = no, allowed = {}, unreliable = {},
    secret_names = redact.names {} }
end

local function api_of(vendor)
  if SHIPPED[vendor] then return require("patchbay.apis." .. vendor) end
  local described = package.loaded["patchbay.vendor"]
  return described and described.find(vendor)
end

-- Without a description nothing is known of a field.
local function unknown_resource(name)
  return { name = name, schema = core.schema.compile({ type = "object", properties = {} }, true),
    field_names = {}, secrets = {}, description = { fields = {} } }
end

-- description -> collection -> resource
local compiled = setmetatable({}, { __mode = "k" })

--- The compiled resource of a collection (see record/resource.lua), and whether it has a description.
-- `vendor`: its name; `name`: of the collection; `context`: a client's, or nil.
function descriptions.resource(vendor, name, context)
  local api = context and context.api or api_of(vendor)
  if not (api and api.resources[name]) then return unknown_resource(name), false end
  local of = context or api
  local known = compiled[of] or {}
  compiled[of] = known
  if not known[name] then known[name] = resources.compile(api, name, {}, context or bare(api)) end
  return known[name], true
end

return descriptions
