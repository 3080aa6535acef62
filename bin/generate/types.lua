-- types/*.lua: the type definitions for lua-language-server.

local call_options = require "patchbay.exchange.call_options"
local check = require "patchbay.util.check"
local comments = require "bin.generate.comments"
local errors = require "patchbay.errors"
local known_options = require "patchbay.client.known_options"
local placeholders = require "bin.generate.placeholders"
local tables = require "bin.generate.tables"
local vendor_types = require "patchbay.describe.types"
local wording = require "patchbay.describe.wording"

local types = {}

local doc = {
  get = "Collections/collection:get", at = "Collections/collection:at", list = "Collections/collection:list",
  create = "Collections/collection:create", update = "Collections/collection:update",
  delete = "Collections/collection:delete",
}

--- types/patchbay/<vendor>.lua.
function types.vendor(api, origin, reference)
  return vendor_types.vendor(api, origin, {
    words = function(call) return doc[call] and tables.text(reference, doc[call]) end,
  })
end

-- The text of a comment for an editor: in one line.
local function text_of(columns)
  local text = columns.text and tables.plain(tables.sentence(columns.text)) or ""
  if columns.Returns then text = text .. " " .. tables.plain("Returns " .. columns.Returns .. ".") end
  if columns.Default and columns.Default ~= "none" then
    text = (text ~= "" and text .. " " or "") .. "Default: " .. tables.plain(columns.Default) .. "."
  end
  return placeholders.fill(text)
end

-- The unit of a number, where it has one.
local function unit_of(field) return field.words == "seconds" and "Seconds. " or "" end

-- The meanings of "@from", by its first word: adds the definition of `name` out of the file at `path`.
local from = {}

-- A function as `name`, by the name `own` in the file, if another.
from["function"] = function(lines, path, name, own)
  local found = comments.of_function(path, own ~= "" and own or name:match "[%w_]+$")
  lines[#lines + 1] = "---" .. text_of(found.columns)
  for _, tag in ipairs(found.tags) do lines[#lines + 1] = tag end
  lines[#lines + 1] = ("function %s(%s) end"):format(name, table.concat(found.params, ", "))
end

function from.class(lines, path, name)
  local class = comments.of_class(path, name)
  for _, line in ipairs(class.about) do lines[#lines + 1] = "---" .. line end
  lines[#lines + 1] = "---@class " .. class.head
  for _, field in ipairs(class.fields) do
    lines[#lines + 1] = ("---@field %s%s %s %s%s"):format(field.name, field.optional, field.annotation,
      unit_of(field), text_of(field.columns))
  end
end

local expand = {}

function expand.kinds(lines)
  for _, kind in ipairs(check.names(errors.kinds)) do
    lines[#lines + 1] = ('---| "%s" # %s'):format(kind, wording.capital(errors.kinds[kind]))
  end
end

function expand.common(lines)
  local texts = {}
  for _, field in ipairs(comments.of_class("lua/patchbay/client/known_options.lua", "entries").fields) do
    texts[field.name] = field
  end
  for _, option in ipairs(known_options.common) do
    local comment = texts[option[1]]
    if not comment then error("docs: no comment over the option " .. option[1], 0) end
    lines[#lines + 1] = ("---@field %s? %s %s%s"):format(option[1], vendor_types.of_option(option),
      unit_of(comment), text_of(comment.columns))
  end
end

function expand.options(lines, reference, _, set)
  for _, name in ipairs(check.names(call_options[set])) do
    local kind = name == "nested" and '"object"|"leaves"' or name == "retries" and "integer"
      or call_options.types[name]
    local unit = kind == "number" and "Seconds. " or ""
    lines[#lines + 1] = ("---@field %s? %s %s%s"):format(name, kind, unit,
      tables.text(reference, "Records/" .. name))
  end
end

function expand.vendors(lines, _, apis)
  for i, api in ipairs(apis) do
    if i > 1 then lines[#lines + 1] = "" end
    lines[#lines + 1] = ("---Creates a client: one account at %s. Raises if an option is wrong."):format(
      api.title)
    lines[#lines + 1] = ("---@param options? patchbay.%s.Options"):format(api.name)
    lines[#lines + 1] = ("---@return patchbay.%s.Client"):format(api.name)
    lines[#lines + 1] = ("function patchbay.%s(options) end"):format(api.name)
  end
end

function expand.functions(lines)
  for _, name in ipairs(check.names(require("patchbay.record").methods)) do
    lines[#lines + 1] = ("patchbay.%s = record.%s"):format(name, name)
  end
end

--- types/patchbay.lua: the text of `surface`, with its placeholders expanded from the program and
-- `reference`. `apis`: list of the vendors' descriptions.
function types.common(surface, reference, apis)
  local lines, head = {}, true
  for line in surface:gmatch "([^\n]*)\n" do
    local word, argument = line:match "^%-%-%-@(%l+) ?(%l*)$"
    local before, name = line:match "^(.-)@doc (.+)$"
    local kind, path, subject, rest = line:match "^%-%-%-@from (%l+) (%S+) (%S+) ?(.*)$"
    if line:find "^%-%- " then -- a comment about the file itself
      if head then lines[#lines + 1] = "-- Generated by `make docs`; edit bin/generate/surface.meta.lua." end
      head = false
    elseif kind then
      from[kind](lines, path, subject, rest)
    elseif name then
      lines[#lines + 1] = before .. tables.text(reference, name)
    elseif word and expand[word] then
      expand[word](lines, reference, apis, argument)
    else
      lines[#lines + 1] = line
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

return types
