--- Runs the examples of requests that stand in a document: each is assigned key by key, and what goes out has
-- to be equal to it as JSON, its members in the schema's order.

local core = require "patchbay.core"
local patchbay = require "patchbay"
local python = require "spec.support.openapi.python"
local scripted = require "spec.support.scripted"
local sending = require "spec.support.openapi.sending"

local examples = {}

local METHODS = { "put", "post", "patch" }

-- All operations of a decoded document that may change something.
local function operations_of(document)
  local list, paths = {}, {}
  for path in pairs(document.paths) do paths[#paths + 1] = path end
  table.sort(paths)
  for _, path in ipairs(paths) do
    for _, method in ipairs(METHODS) do
      if type(document.paths[path]) == "table" and document.paths[path][method] then
        list[#list + 1] = { method = method:upper(), path = path }
      end
    end
  end
  return list
end

local function equal(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b or core.json.encode(a) == core.json.encode(b) or tonumber(a) ~= nil
      and tonumber(a) == tonumber(b)
  end
  for name, value in pairs(a) do if not equal(value, b[name]) then return false end end
  for name in pairs(b) do if a[name] == nil then return false end end
  return true
end

-- The members of a sent body, wherever it is wrapped, or of a form.
local function members_of(request, bodies, found, description)
  if bodies.media == "form" then
    local form = {}
    for pair in (request.body or ""):gmatch "[^&]+" do
      local name, value = pair:match "^([^=]*)=(.*)$"
      local function plain(text)
        return (text:gsub("+", " "):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
      end
      name, value = plain(name), plain(value)
      if form[name] ~= nil then
        if type(form[name]) ~= "table" then form[name] = { form[name] } end
        table.insert(form[name], value)
      else
        form[name] = value
      end
    end
    return form
  end
  local body = core.json.decode(request.body)
  local wrap = found.operation.wrap or found.resource.wrap or description.wrap
  return wrap and body[wrap] or body
end

local function as_form(value)
  if type(value) ~= "table" then return tostring(value) end
  local list = {}
  for i, entry in ipairs(value) do list[i] = tostring(entry) end
  return list[2] and list or list[1]
end

local function run(constructor, credentials, found, bodies, example, description)
  local values, key = {}, sending.key_of(found, bodies, example)
  for name, value in pairs(example) do
    if name ~= found.resource.key or found.kind == "create" then values[name] = value end
  end
  local transport = scripted.new(function() return scripted.answer(204, "") end)
  local _, why = sending.send(constructor(credentials(transport)), found, bodies, values, key)
  local request = scripted.last(transport)
  if not request then return tostring(why) end
  local sent = members_of(request, bodies, found, description)
  local expected = {}
  for name, value in pairs(example) do
    expected[name] = bodies.media == "form" and as_form(value) or value
  end
  if found.operation.path:find("{key}", 1, true) and expected[found.resource.key] ~= nil
    and sent[found.resource.key] == nil then
    expected[found.resource.key] = nil
  end
  if not equal(expected, sent) then return "it goes out as " .. request.body end
end

-- The rule that a message is about, without values and places that change.
local function rule_of(message) return (message:gsub("^.-%.lua:%d+: ", ""):gsub("\n.*", ""):sub(1, 160)) end

--- Runs the examples of all operations that the description has. Returns the number of examples, and a
-- sentence for each that was not accepted: "METHOD /path: rule", sorted.
function examples.run(path, text, description, credentials)
  local constructor, count, refused = patchbay.vendor(description), 0, {}
  local operations, found_of = {}, {}
  for _, operation in ipairs(operations_of(assert(patchbay.json.decode(text)))) do
    local found = sending.find(description, operation.method, operation.path)
    if found and not found.operation.refused then
      operations[#operations + 1] = operation
      found_of[#operations] = found
    end
  end
  local all = python.bodies(path, operations)
  -- Some operations say less of a parameter than others: its longest value obeys the rules of all.
  local longest = {}
  for _, bodies in ipairs(all) do
    for name, value in pairs(bodies.parameters) do
      if #tostring(value) > #tostring(longest[name] or "") then longest[name] = value end
    end
  end
  for i, bodies in ipairs(all) do
    for _, parameter in ipairs(found_of[i].resource.within or {}) do
      local name = found_of[i].parameters[parameter[1]]
      bodies.parameters[name] = longest[name]
    end
    for _, example in ipairs(bodies.examples or {}) do
      count = count + 1
      local why = "it is no object"
      if type(example) == "table" and next(example) ~= nil then
        why = run(constructor, credentials, found_of[i], bodies, example, description)
      elseif type(example) == "table" then
        why = nil -- nothing to send
      end
      if why then
        refused[#refused + 1] = ("%s %s: %s"):format(operations[i].method, operations[i].path, rule_of(why))
      end
    end
  end
  table.sort(refused)
  return count, refused
end

return examples
