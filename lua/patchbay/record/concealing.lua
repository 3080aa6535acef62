--- The fields of a record without its secrets, and keyed digests of these, by which a change of one can be
-- told.

local core = require "patchbay.core"
local changes_log = require "patchbay.exchange.changes_log"
local redact = require "patchbay.exchange.redact"

local concealing = {}

local null = core.json.null

-- A copy of a value with its secrets masked, and whether there was any.
local function masked(value, names)
  if type(value) == "string" then
    local new = core.text.hide_userinfo(value)
    return new, new ~= value
  end
  if type(value) ~= "table" then return value, false end
  local new, any = {}, false
  for name, member in next, value do
    local hidden
    if names[name] and member ~= null then
      new[name], any = redact.mask, true
    else
      new[name], hidden = masked(member, names)
      any = any or hidden
    end
  end
  return setmetatable(new, getmetatable(value)), any
end

local function is_object(value) return type(value) == "table" and value[1] == nil and next(value) ~= nil end

local conceal

-- Conceals the member `name` of `object`, which stands at `path`.
local function conceal_member(job, object, new, name, path)
  local value = object[name]
  local is_secret = job.names[name] or path == name and job.secrets[name]
  if is_secret and value ~= null then
    job.digests[path] = job.digest(path, value)
    if job.how == "mask" then new[name] = redact.mask end
  elseif is_object(value) then
    new[name] = conceal(job, value, path .. ".")
  else
    local shown, any = masked(value, job.names)
    if any then job.digests[path] = job.digest(path, value) end
    new[name] = shown
  end
end

function conceal(job, object, prefix)
  local new = {}
  for name in next, object do
    conceal_member(job, object, new, name, prefix .. tostring(name))
  end
  return setmetatable(new, getmetatable(object))
end

--- A copy of `fields`, a plain table, of the record `key` of a collection, without secrets: they are left
-- out, or masked where `how` is "mask"; and the digests by path ("a.b"), nil where there are none. A digest
-- is "unknown" where the client has no credentials to make one with.
function concealing.of(collection, key, fields, how)
  local context, place = collection.context, collection.place or collection.name
  local job = { names = context.secret_names, secrets = collection.resource.secrets, how = how, digests = {} }
  function job.digest(path, value)
    return changes_log.digest(context, place, key, path, value) or "unknown"
  end
  local new = conceal(job, fields, "")
  return new, next(job.digests) ~= nil and job.digests or nil
end

return concealing
