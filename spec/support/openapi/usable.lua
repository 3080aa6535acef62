--- Decides which updates of a document an imported description makes usable: all required fields and nine of
-- ten of the others can be assigned, a minimal and a full body go out and obey the document's own schema, and
-- the answer's example is read back.

local core = require "patchbay.core"
local patchbay = require "patchbay"
local python = require "spec.support.openapi.python"
local scripted = require "spec.support.scripted"
local sending = require "spec.support.openapi.sending"

local usable = {}

local null = core.json.null

-- The members of a body that the description takes, and how many of its names it does not.
local function assignable(found, bodies)
  local missing, refused, required = {}, 0, {}
  for _, name in ipairs(bodies.required) do required[name] = true end
  local takes = {}
  for _, name in ipairs(bodies.names) do
    local field = sending.field_of(found.resource, name)
    local is_key = name == found.resource.key
    local read_only = field and field.readOnly
    if found.kind == "create" and field and field.on_create then read_only = field.on_create.readOnly end
    if field and (is_key or not field.refused and not read_only and not field.undocumented) then
      takes[name] = not is_key
    else
      refused = refused + 1
      if required[name] then missing[#missing + 1] = name .. " is required" end
    end
  end
  local others = #bodies.names - #bodies.required
  local lost = refused - #missing
  if #missing == 0 and lost > 0 and others - lost < 0.9 * others then
    missing[1] = ("%d of %d other fields are refused"):format(lost, others)
  end
  return takes, refused, missing[1]
end

local function only(body, takes)
  local values = {}
  for name, value in pairs(body) do
    if takes[name] then values[name] = value end
  end
  return values
end

-- Whether what was read is what was shown. Secrets are masked in what is read here.
local function same(read, shown)
  if read == "***" then return true end
  if read == nil then return false end
  if type(read) ~= "table" or type(shown) ~= "table" then
    return core.json.encode(read) == core.json.encode(shown) or tostring(read) == tostring(shown)
  end
  for name, value in pairs(shown) do
    if value ~= null and not same(read[name], value) then return false end
  end
  return true
end

-- The difference between an answer's example and the record that has read it; nil: none.
local function not_read(found, shown, record)
  if type(shown) ~= "table" then return nil end
  for _, field in ipairs(found.resource.fields) do
    local value = sending.shown(field, shown)
    local skip = value == nil or value == null or field.echo ~= nil or field.refused or field.secret
      or field[1] == found.resource.key
    if not skip then
      local read = record[field[1]]
      if read ~= nil then read = core.json.decode(patchbay.json.encode { read })[1] end
      if not same(read, value) then
        return ("%s reads as %s instead of %s"):format(field[1], patchbay.json.encode { read },
          patchbay.json.encode { value })
      end
    end
  end
end

local function unwrapped(found, description, example)
  local envelope = found.resource.envelope
  if envelope == nil then envelope = description.envelope end
  return envelope and type(example) == "table" and example[envelope.data] or example
end

-- The values of a minimal body, as an answer's example shows them.
local function values_of(found, shown, minimal, takes)
  local values = {}
  for name, value in pairs(minimal) do values[name] = value end
  for name in pairs(type(shown) == "table" and takes or {}) do
    local value = sending.shown(sending.field_of(found.resource, name), shown)
    if takes[name] and value ~= null and values[name] ~= nil and value ~= nil then values[name] = value end
  end
  return values
end

-- Sends what an answer's example shows, is answered with it, and reads it.
local function read_back(constructor, credentials, found, description, bodies, minimal, takes)
  for _, example in ipairs(bodies.answers) do
    local shown = unwrapped(found, description, example)
    local key = sending.key_of(found, bodies, shown)
    if key ~= nil and not sending.is_key(constructor(credentials()), found, bodies, key) then
      -- The example has a key that the path does not take: it stands for any.
      key = sending.key_of(found, bodies, nil)
      sending.show(sending.field_of(found.resource, found.resource.key), shown, key)
    end
    local function try(values)
      local text = core.json.encode(example)
      local transport = scripted.new(function() return scripted.answer(tonumber(bodies.status) or 200,
        text) end)
      return sending.send(constructor(credentials(transport)), found, bodies, values, key)
    end
    local record, why, kind = try(values_of(found, shown, minimal, takes))
    if not record and kind == "raised" then
      -- Where the example's own value is none that a request may have, the answer shows another one: it is
      -- read, and found to differ.
      record, why, kind = try(values_of(found, nil, minimal, takes))
    end
    if record then
      local difference = not_read(found, shown, record)
      if difference then return "the answer's example: " .. difference end
    elseif kind ~= "differs" then
      return "the answer's example: " .. why
    end
  end
end

--- For each of `operations` of the document in the file `path`: { method =, path =, usable =, why =, refused
-- = number of fields that cannot be assigned, kind = "update", "replace" or "create" }.
-- `credentials(transport)`: a client's options.
function usable.of(path, description, operations, credentials)
  local constructor = patchbay.vendor(description)
  local results, outgoing, outgoing_of = {}, {}, {}
  for i, bodies in ipairs(python.bodies(path, operations)) do
    local result = { method = operations[i].method, path = operations[i].path, refused = 0 }
    results[i] = result
    local found = sending.find(description, result.method, result.path)
    local takes, minimal
    if not found then
      result.why = "the description has no such operation"
    elseif found.operation.refused then
      result.why = "refused: " .. found.operation.refused
    elseif not bodies.full or bodies.full.impossible or bodies.minimal.impossible then
      result.why = "no body could be made"
    else
      result.kind = found.kind
      takes, result.refused, result.why = assignable(found, bodies)
    end
    local function sent(body, what)
      local transport = scripted.new(function() return scripted.answer(204, "") end)
      local record, why = sending.send(constructor(credentials(transport)), found, bodies, body,
        sending.key_of(found, bodies, bodies.full))
      -- Here what was sent counts; the vendor's answer is looked at below.
      local request = scripted.last(transport)
      if not request then return what .. " was not sent: " .. tostring(why or record) end
      outgoing[#outgoing + 1] = { method = result.method, path = result.path, media = bodies.media,
        body = request.body or "" }
      outgoing_of[#outgoing] = { result = result, what = what }
    end
    if found and not result.why then
      minimal = only(bodies.minimal, takes)
      if next(minimal) == nil then
        for _, name in ipairs(bodies.names) do
          if takes[name] and bodies.full[name] ~= nil then minimal[name] = bodies.full[name] break end
        end
      end
      result.why = sent(minimal, "the minimal body") or sent(only(bodies.full, takes), "the full body")
        or read_back(constructor, credentials, found, description, bodies, minimal, takes)
    end
  end
  for i, verdict in ipairs(python.verdicts(path, outgoing)) do
    local of = outgoing_of[i]
    if verdict ~= "ok" and not of.result.why then of.result.why = of.what .. ": " .. verdict end
  end
  for _, result in ipairs(results) do result.usable = result.why == nil end
  return results
end

--- How many of them are usable, and the sentences about the others.
function usable.count(results)
  local count, others = 0, {}
  for _, result in ipairs(results) do
    if result.usable then
      count = count + 1
    else
      others[#others + 1] = ("%s %s: %s"):format(result.method, result.path, result.why)
    end
  end
  return count, others
end

return usable
