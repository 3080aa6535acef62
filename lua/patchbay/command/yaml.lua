--- Reads YAML as JSON text, for the documents that people give to the command; the library itself reads JSON
-- alone. Takes the events of LibYAML (the rock lyaml), and resolves scalars by YAML 1.2's core schema, where
-- LibYAML's own users read `Off` as false and `18:00` as 1080.
--
-- Aliases are repeated, within a bound. Merge keys (`<<`), which YAML 1.2 does not have, keys that are no
-- scalars, keys that stand twice, and more than one document are refused.

local core = require "patchbay.core"
local yaml_scalar = require "patchbay.command.yaml_scalar"

local yaml = {}

-- Nodes inside nodes; JSON is read as deep.
local DEEPEST = 1000
-- Bytes that aliases may add in all: some documents say all their answers with them.
local MOST_REPEATED = 32 * 1024 * 1024

-- The parser of events, or nil.
local function parser()
  local found, module = pcall(require, "yaml")
  if found and type(module) == "table" and type(module.parser) == "function" then return module.parser end
  return nil
end

local Reader = {}
Reader.__index = Reader

-- Stops reading at the place of an event.
local function fail(event, message, ...)
  local mark = event.start_mark or {}
  error({ message = message:format(...), line = (mark.line or 0) + 1, column = (mark.column or 0) + 1 }, 0)
end

local function key_of(event)
  if event.type == "ALIAS" or event.type ~= "SCALAR" then
    fail(event, "a key that is no scalar, which JSON does not have; write a text")
  end
  if event.value == "<<" and event.style == "PLAIN" and not event.tag then
    fail(event, "YAML 1.2 has no merge key <<; write the members themselves")
  end
  return event.value
end

local function scalar(event)
  local json, problem
  if event.tag then
    json, problem = yaml_scalar.tagged(event.value, event.tag)
  elseif event.style == "PLAIN" then
    json, problem = yaml_scalar.json(event.value)
  end
  if problem then fail(event, "%s", problem) end
  return json or core.json.encode(event.value)
end

function Reader:put(text) self.out[#self.out + 1] = text end

-- The text that an alias stands for.
function Reader:repeated(event)
  local anchor = self.anchors[event.anchor]
  if not anchor then fail(event, "no node is anchored as &%s", event.anchor) end
  if not anchor.last then fail(event, "*%s stands within the node that it repeats", event.anchor) end
  anchor.text = anchor.text or table.concat(self.out, "", anchor.first, anchor.last)
  self.added = self.added + #anchor.text
  if self.added > MOST_REPEATED then
    fail(event, "aliases repeat more than %d MiB; write the document with $ref", MOST_REPEATED / 2 ^ 20)
  end
  return anchor.text
end

local OPENING = { MAPPING_START = "{", SEQUENCE_START = "[" }
local CLOSING = { MAPPING_END = "}", SEQUENCE_END = "]" }
local OWN_TAG = { MAPPING_START = "tag:yaml.org,2002:map", SEQUENCE_START = "tag:yaml.org,2002:seq" }

function Reader:open(event, anchor)
  if event.tag and event.tag ~= OWN_TAG[event.type] and event.tag ~= "!" then
    fail(event, "the tag %s is none of YAML's core schema", event.tag)
  elseif #self.stack == DEEPEST then
    fail(event, "nodes lie more than %d deep in one another", DEEPEST)
  end
  self:put(OPENING[event.type])
  self.stack[#self.stack + 1] = { is_mapping = event.type == "MAPPING_START", keys = {}, count = 0,
    anchor = anchor }
end

-- Notes an anchored node, which begins with the text that is put next.
function Reader:anchor(event)
  local anchor = event.anchor and event.type ~= "ALIAS" and { first = #self.out + 1 }
  if anchor then self.anchors[event.anchor] = anchor end
  return anchor
end

-- The frame's next key, or nil where a value is next.
function Reader:key(frame, event)
  local key = key_of(event)
  if frame.keys[key] then
    fail(event, "the key %s stands twice in this mapping, first in line %d", core.json.encode(key),
      frame.keys[key])
  end
  frame.keys[key] = event.start_mark.line + 1
  self:put((frame.count > 0 and "," or ""))
  local anchor = self:anchor(event)
  self:put(core.json.encode(key))
  if anchor then anchor.last = #self.out end
  self:put ":"
  frame.count, frame.has_key = frame.count + 1, true
end

function Reader:node(event)
  local frame = self.stack[#self.stack]
  if frame and frame.is_mapping and not frame.has_key then return self:key(frame, event) end
  if frame and not frame.is_mapping then
    if frame.count > 0 then self:put "," end
    frame.count = frame.count + 1
  end
  if frame then frame.has_key = false end
  local anchor = self:anchor(event)
  if OPENING[event.type] then return self:open(event, anchor) end
  self:put(event.type == "ALIAS" and self:repeated(event) or scalar(event))
  if anchor then anchor.last = #self.out end
end

function Reader:take(event)
  if CLOSING[event.type] then
    self:put(CLOSING[event.type])
    local frame = table.remove(self.stack)
    if frame.anchor then frame.anchor.last = #self.out end
  elseif event.type == "DOCUMENT_START" then
    self.documents = self.documents + 1
    if self.documents > 1 then fail(event, "a second document begins here; give each a file of its own") end
  elseif OPENING[event.type] or event.type == "SCALAR" or event.type == "ALIAS" then
    self:node(event)
  end
end

local function read(next_event)
  local self = setmetatable({ out = {}, stack = {}, anchors = {}, added = 0, documents = 0 }, Reader)
  repeat
    local event = next_event()
    self:take(event)
  until event.type == "STREAM_END"
  if self.documents == 0 then fail({}, "there is no document in it") end
  return table.concat(self.out)
end

--- Whether YAML can be read here.
function yaml.is_there() return parser() ~= nil end

--- The JSON text of the YAML document `text`, with members in its order and numbers digit for digit; or nil
-- and a sentence with line and column.
function yaml.json(text)
  local new = parser()
  if not new then
    return nil, "reading YAML needs the Lua module lyaml, which is not installed: luarocks install lyaml, or "
      .. "the package lua-yaml of Debian and Ubuntu; or convert the document to JSON"
  end
  local ok, result = pcall(function() return read(new(text)) end)
  if ok then return result end
  if type(result) == "table" then
    return nil, ("line %d, column %d: %s"):format(result.line, result.column, result.message)
  end
  -- LibYAML's own words: "did not find … at document: 1, line: 2, column: 4\nwhile …".
  local words, line, column = tostring(result):match "^(.-) at document: %d+, line: (%d+), column: (%d+)"
  if words then return nil, ("line %s, column %s: %s"):format(line, column, words) end
  return nil, (tostring(result):match "^(.-) at document" or tostring(result):match "^[^\n]*")
end

return yaml
