-- A model of a record in plain Lua: no metamethods, no laziness, nothing shared with the core. Slow and
-- simple.
--
-- A node of the model stands for the record or an object in it:
--   fields    list of descriptions, as core.schema.compile takes them
--   parent, name
--   mode      "overlay" (over the state), "whole" (instead of it), "null"
--   assigned  name -> value, for values that are not objects
--   children  name -> node
-- The root has `state` as well: a plain table, or nil.

local model = {}

local null = require "patchbay.core".json.null

local function copy(value)
  if type(value) ~= "table" then return value end
  local new = {}
  for key, member in pairs(value) do new[key] = copy(member) end
  return new
end
model.copy = copy

local function equal(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key, value in pairs(a) do
    if not equal(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end
model.equal = equal

function model.new(fields, parent, name)
  local node = { fields = fields, parent = parent, name = name, mode = "overlay", assigned = {},
    children = {} }
  for _, field in ipairs(fields) do
    if field.type == "object" then node.children[field[1]] = model.new(field.properties, node, field[1]) end
  end
  return node
end

function model.clear(node)
  node.mode, node.assigned = "overlay", {}
  for _, child in pairs(node.children) do model.clear(child) end
end

local function set(node, name, value)
  local child = node.children[name]
  if not child then
    node.assigned[name] = copy(value)
    return
  end
  model.clear(child)
  if value == null then
    child.mode = "null"
  elseif value ~= nil then
    child.mode = "whole"
    for member, inner in pairs(value) do set(child, member, inner) end
  end
end

local function leave_null(node)
  while node do
    if node.mode == "null" then node.mode = "whole" end
    node = node.parent
  end
end

function model.assign(node, name, value)
  if value ~= nil then leave_null(node) end
  set(node, name, value)
end

function model.assign_all(node, values)
  leave_null(node)
  for name, value in pairs(values) do set(node, name, value) end
end

-- The node's state: a table, or nil.
local function state_of(node)
  if not node.parent then return node.state end
  local around = node.mode == "overlay" and state_of(node.parent)
  local own = around and around[node.name]
  return type(own) == "table" and own or nil
end
model.state_of = state_of

function model.changed(node)
  if node.mode ~= "overlay" or next(node.assigned) ~= nil then return true end
  for _, child in pairs(node.children) do
    if model.changed(child) then return true end
  end
  return false
end

-- The result of reading a field; for an object the node of the model.
function model.read(node, name)
  local child = node.children[name]
  local known = (state_of(node) or {})[name]
  if not child then
    if node.assigned[name] ~= nil then return node.assigned[name] end
    return known
  end
  if child.mode == "null" then return null end
  if known == nil or type(known) == "table" or model.changed(child) then return child end
  return known
end

-- The list at `name` has been read and is now `value`.
function model.changed_in_place(node, name, value)
  if node.assigned[name] == nil and equal(value, (state_of(node) or {})[name]) then return end
  node.assigned[name] = copy(value)
end

function model.plain(node, merged)
  local plain = merged and copy(state_of(node)) or {}
  for name, value in pairs(node.assigned) do plain[name] = copy(value) end
  for name, child in pairs(node.children) do
    if child.mode == "null" then
      plain[name] = null
    elseif model.changed(child) then
      plain[name] = model.plain(child, merged)
    end
  end
  return plain
end

local encode

local function encode_object(value, fields)
  local parts, described, rest = {}, {}, {}
  for _, field in ipairs(fields) do
    local member = value[field[1]]
    described[field[1]] = true
    if member ~= nil and not field.readOnly then
      parts[#parts + 1] = ('"%s":%s'):format(field[1], encode(member, field))
    end
  end
  for name in pairs(value) do
    if not described[name] then rest[#rest + 1] = name end
  end
  table.sort(rest)
  for _, name in ipairs(rest) do parts[#parts + 1] = ('"%s":%s'):format(name, encode(value[name])) end
  return "{" .. table.concat(parts, ",") .. "}"
end

function encode(value, field)
  if value == null then return "null" end
  if type(value) == "string" then return '"' .. value .. '"' end
  if type(value) ~= "table" then return tostring(value) end
  if field and field.type == "object" then return encode_object(value, field.properties) end
  if not field and value[1] == nil then return encode_object(value, {}) end
  local items = {}
  for i, item in ipairs(value) do items[i] = encode(item, field and field.items) end
  return "[" .. table.concat(items, ",") .. "]"
end

-- The fields of a node in the order of the wire, as a list of "name":value.
local function members(node, merged)
  local known = merged and state_of(node) or {}
  local parts, described, rest = {}, {}, {}
  for _, field in ipairs(node.fields) do
    local name, child = field[1], node.children[field[1]]
    local text
    described[name] = true
    if child and child.mode == "null" then
      text = "null"
    elseif child and model.changed(child) then
      text = "{" .. table.concat(members(child, merged), ",") .. "}"
    elseif node.assigned[name] ~= nil then
      text = encode(node.assigned[name], field)
    elseif known[name] ~= nil and not field.readOnly then
      text = encode(known[name], field)
    end
    if text then parts[#parts + 1] = ('"%s":%s'):format(name, text) end
  end
  for name in pairs(known) do
    if not described[name] then rest[#rest + 1] = name end
  end
  table.sort(rest)
  for _, name in ipairs(rest) do parts[#parts + 1] = ('"%s":%s'):format(name, encode(known[name])) end
  return parts
end

-- The payload: the text; or nil and the reason why there is none.
function model.payload(root, merged, leaves)
  if merged then return "{" .. table.concat(members(root, true), ",") .. "}" end
  if not model.changed(root) then return nil, "nothing" end
  local parts = {}
  for _, field in ipairs(root.fields) do
    local name, child = field[1], root.children[field[1]]
    if child and child.mode == "overlay" and model.changed(child) and not leaves then
      local known = (root.state or {})[name]
      if type(known) ~= "table" and known ~= null then return nil, "incomplete" end
      parts[#parts + 1] = ('"%s":{%s}'):format(name, table.concat(members(child, true), ","))
    elseif child and child.mode == "null" then
      parts[#parts + 1] = ('"%s":null'):format(name)
    elseif child and model.changed(child) then
      parts[#parts + 1] = ('"%s":{%s}'):format(name, table.concat(members(child, false), ","))
    elseif root.assigned[name] ~= nil then
      parts[#parts + 1] = ('"%s":%s'):format(name, encode(root.assigned[name], field))
    end
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

-- Applies the change, and the response to it (a plain table, or nil).
function model.settle(root, answer, leaves)
  local new = copy(root.state) or {}
  for name, value in pairs(root.assigned) do new[name] = copy(value) end
  for name, child in pairs(root.children) do
    if child.mode == "null" then
      new[name] = null
    elseif child.mode == "whole" then
      new[name] = model.plain(child, false)
    elseif model.changed(child) and (not leaves or state_of(child)) then
      new[name] = model.plain(child, true)
    end
  end
  for name, value in pairs(answer or {}) do new[name] = copy(value) end
  model.clear(root)
  root.state = new
end

return model
