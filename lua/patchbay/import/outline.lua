--- The members of an object that responses show, by name and in order, without the rules for them: responses
-- are read leniently.

local members = require "patchbay.import.members"
local prose = require "patchbay.import.prose"

local outline = {}

-- Schemas inside one another that are put together.
local DEEPEST = 12

-- Keywords that put schemas together.
local PUTTING_TOGETHER = { "allOf", "oneOf", "anyOf" }

local function add_properties(node, list, by_name)
  for _, name, schema in members.each(node.properties) do
    if by_name[name] == nil then list[#list + 1] = name end
    by_name[name] = by_name[name] or schema
  end
end

-- `seen`: the schemas that are in already, so that many references to one of them cost no more than one.
local function collect(references, node, list, by_name, depth, seen)
  local target = references:follow(node)
  if not members.is_object(target) or depth > DEEPEST or seen[target] then return end
  seen[target] = true
  add_properties(target, list, by_name)
  for _, keyword in ipairs(PUTTING_TOGETHER) do
    for _, part in ipairs(members.is_list(target[keyword]) and target[keyword] or {}) do
      collect(references, part, list, by_name, depth + 1, seen)
    end
  end
end

--- The members of the object that `node` describes: a list of names, and the schemas by name. nil where it
-- names none.
function outline.of(references, node)
  local target = references:follow(node)
  if not members.is_object(target) then return nil end
  local known = references.outlines[target]
  if known == nil then
    -- Most have their members in one place, in which they stand by name and in order already.
    local list, by_name = target.properties, target.properties
    if target.allOf or target.oneOf or target.anyOf or not members.is_object(list) then
      list, by_name = {}, {}
      collect(references, target, list, by_name, 1, {})
    end
    known = list[1] and { names = list, schemas = by_name } or false
    references.outlines[target] = known
  end
  return known or nil
end

-- The first schema, through references, allOf and unions, that says a type other than null.
-- `seen`: those that have been looked at.
local function typed(references, node, depth, seen)
  local target = references:follow(node)
  if not members.is_object(target) or depth > DEEPEST or seen[target] then return nil end
  seen[target] = true
  local list = members.is_list(target.type) and target.type or { target.type }
  local found, nullable
  for _, kind in ipairs(list) do
    if kind == "null" then nullable = true
    elseif found then return nil
    else found = kind end
  end
  if found then return found, nullable or target.nullable == true or nil, target end
  for _, keyword in ipairs(PUTTING_TOGETHER) do
    local parts = target[keyword]
    if members.is_list(parts) and (keyword == "allOf" or parts[1] ~= nil and parts[2] == nil) then
      for _, part in ipairs(parts) do
        local kind, null = typed(references, part, depth + 1, seen)
        if kind then return kind, null or target.nullable == true or nil end
      end
    end
  end
  if target.properties ~= nil then return "object" end
end

--- The type of a schema: a name, and whether null is valid; nil where it has none or several.
function outline.type_of(references, node) return typed(references, node, 1, {}) end

--- The schema of the entries, if `node` describes a list. `depth`: of its own calls.
function outline.entries(references, node, depth)
  depth = depth or 1
  local target = references:follow(node)
  if not members.is_object(target) or depth > DEEPEST then return nil end
  if target.type == "array" or target.type == nil and target.items ~= nil then
    return target.items or {}
  end
  local parts = target.allOf
  if members.is_list(parts) and parts[1] ~= nil and parts[2] == nil then
    return outline.entries(references, parts[1], depth + 1)
  end
end

local TYPES = { string = true, integer = true, number = true, boolean = true, array = true, object = true }

--- A field that only responses show.
function outline.field(references, name, node)
  local kind, nullable = outline.type_of(references, node)
  local target = references:follow(node)
  local text = members.is_object(node) and node.description or members.is_object(target)
    and target.description
  return { name, type = TYPES[kind] and kind or nil, nullable = nullable, readOnly = true,
    description = prose.short(text) }
end

return outline
