-- Patterns against a second matcher, which goes over the pattern's tree and keeps sets of positions: slow,
-- but with nothing in it that steps, splits or threads could get wrong. The input is the pattern, a NUL or
-- a line end, and the text.

local core = require "patchbay.core"
local support = require "spec.support.core_text"

local UNDERSTOOD = 120 -- bytes of pattern, and
local LOOKED_AT = 40 -- code points of text, for which the second matcher is fast enough

-- ---- code points ----

local function code_points(text)
  if not pcall(core.json.encode, text) then return nil end
  local points = {}
  for sequence in text:gmatch "[%z\1-\127\194-\244][\128-\191]*" do
    local first = sequence:byte()
    local code = first < 0x80 and first or first < 0xE0 and first - 0xC0 or first < 0xF0 and first - 0xE0
      or first - 0xF0
    for i = 2, #sequence do code = code * 64 + sequence:byte(i) - 0x80 end
    points[#points + 1] = code
  end
  return points
end

-- ---- the tree: only of patterns that were taken, so that nothing in them is wrong ----

local function set_of(text)
  local ranges = {}
  for first, last in text:gmatch "(%x+)%-(%x+)" do
    ranges[#ranges + 1] = { tonumber(first, 16), tonumber(last, 16) }
  end
  return function(code)
    for _, range in ipairs(ranges) do
      if code >= range[1] and code <= range[2] then return true end
    end
    return false
  end
end

local digit, word = set_of "30-39", set_of "30-39 41-5A 5F-5F 61-7A"
local space = set_of "9-D 20-20 A0-A0 1680-1680 2000-200A 2028-2029 202F-202F 205F-205F 3000-3000 FEFF-FEFF"
local line_end = set_of "A-A D-D 2028-2029"

local function none_of(set) return function(code) return not set(code) end end

local function exactly(wanted) return function(code) return code == wanted end end

local named = { d = digit, D = none_of(digit), w = word, W = none_of(word), s = space, S = none_of(space) }
local controls = { t = 9, n = 10, v = 11, f = 12, r = 13, ["0"] = 0 }

local Parser = {}
Parser.__index = Parser

function Parser:char() return self.points[self.at] and self.points[self.at] < 128 and
  string.char(self.points[self.at]) or nil end

function Parser:take(char)
  if self:char() ~= char then return false end
  self.at = self.at + 1
  return true
end

function Parser:hex(count)
  local digits = ""
  for _ = 1, count do digits, self.at = digits .. self:char(), self.at + 1 end
  return tonumber(digits, 16)
end

function Parser:unicode()
  if self:take "{" then
    local digits = ""
    while not self:take "}" do digits, self.at = digits .. self:char(), self.at + 1 end
    return tonumber(digits, 16)
  end
  local code = self:hex(4)
  if code < 0xD800 or code > 0xDFFF then return code end
  self.at = self.at + 2 -- the \u of the second half
  return 0x10000 + (code - 0xD800) * 0x400 + self:hex(4) - 0xDC00
end

-- Behind a backslash: a set, and the code point if it is one alone.
function Parser:escape(in_class)
  local char = self:char()
  self.at = self.at + 1
  if named[char] then return named[char] end
  local code = controls[char] or char:byte()
  if char == "b" and in_class then code = 8 end
  if char == "x" then code = self:hex(2) end
  if char == "u" then code = self:unicode() end
  return exactly(code), code
end

function Parser:member()
  if self:take "\\" then return self:escape(true) end
  local code = self.points[self.at]
  self.at = self.at + 1
  return exactly(code), code
end

function Parser:class()
  local negated, sets = self:take "^", {}
  while not self:take "]" do
    local set, low = self:member()
    local behind = self.points[self.at + 1]
    if self:char() == "-" and behind ~= 0x5D then
      self.at = self.at + 1
      local _, high = self:member()
      set = function(code) return code >= low and code <= high end
    end
    sets[#sets + 1] = set
  end
  local function any(code)
    for _, set in ipairs(sets) do
      if set(code) then return true end
    end
    return false
  end
  return negated and none_of(any) or any
end

function Parser:atom()
  local char = self:char()
  local code = self.points[self.at]
  self.at = self.at + 1
  if char == "(" then
    if self:take "?" then self.at = self.at + 1 end
    local inner = self:alternatives()
    self.at = self.at + 1
    return inner
  end
  if char == "^" or char == "$" then return { kind = char } end
  if char == "." then return { kind = "set", set = none_of(line_end) } end
  if char == "[" then return { kind = "set", set = self:class() } end
  if char == "\\" then
    if self:take "b" then return { kind = "edge", edge = true } end
    if self:take "B" then return { kind = "edge", edge = false } end
    return { kind = "set", set = (self:escape(false)) }
  end
  return { kind = "set", set = exactly(code) }
end

function Parser:count()
  local digits = ""
  while self:char() and self:char():find "%d" do digits, self.at = digits .. self:char(), self.at + 1 end
  return tonumber(digits)
end

function Parser:repeated()
  local inner, least, most = self:atom(), nil, math.huge
  if self:take "*" then least = 0
  elseif self:take "+" then least = 1
  elseif self:take "?" then least, most = 0, 1
  elseif self:take "{" then
    least = self:count()
    most = least
    if self:take "," then most = self:count() or math.huge end
    self.at = self.at + 1
  end
  if not least then return inner end
  self:take "?"
  return { kind = "repeat", inner = inner, least = least, most = most }
end

function Parser:sequence()
  local items = { kind = "sequence" }
  while self.points[self.at] and self:char() ~= "|" and self:char() ~= ")" do
    items[#items + 1] = self:repeated()
  end
  return items
end

function Parser:alternatives()
  local choices = { kind = "choice", self:sequence() }
  while self:take "|" do choices[#choices + 1] = self:sequence() end
  return choices
end

-- ---- matching: from the set of positions before a part to the set behind it ----

local function is_word(code) return code ~= nil and word(code) end

local follow

local function union(into, from)
  local grown = false
  for position in pairs(from) do
    if not into[position] then into[position], grown = true, true end
  end
  return grown
end

local function repeat_part(node, text, from)
  local reached = from
  for _ = 1, node.least do reached = follow(node.inner, text, reached) end
  local all, round = {}, 0
  while union(all, reached) and round < node.most - node.least do
    reached, round = follow(node.inner, text, reached), round + 1
  end
  return all
end

function follow(node, text, from)
  local to = {}
  if node.kind == "sequence" then
    to = from
    for _, item in ipairs(node) do to = follow(item, text, to) end
  elseif node.kind == "choice" then
    for _, choice in ipairs(node) do union(to, follow(choice, text, from)) end
  elseif node.kind == "repeat" then
    return repeat_part(node, text, from)
  else
    for position in pairs(from) do
      local before, after = text[position - 1], text[position]
      if node.kind == "set" then
        if after and node.set(after) then to[position + 1] = true end
      elseif node.kind == "^" then
        to[position] = position == 1 or nil
      elseif node.kind == "$" then
        to[position] = after == nil or nil
      else
        to[position] = (is_word(before) ~= is_word(after)) == node.edge or nil
      end
    end
  end
  return to
end

local function matches(source, text)
  local tree = setmetatable({ points = code_points(source), at = 1 }, Parser):alternatives()
  local from = {}
  for position = 1, #text + 1 do from[position] = true end
  return next(follow(tree, text, from)) ~= nil
end

return function(bytes)
  local cut = bytes:find("%z") or bytes:find("\n", 1, true) or #bytes + 1
  local source, text = bytes:sub(1, cut - 1), bytes:sub(cut + 1)
  local pattern, problem = support.pattern(source)
  if not pattern then
    local where = code_points(source) and "%(at byte (%d+)%)$" or "^must be UTF%-8, and is not at byte (%d+)$"
    local offset = tonumber(problem:match(where))
    assert(offset and offset >= 1 and offset <= #source + 1, problem)
    return
  end
  local points = code_points(source)
  assert(points, "a pattern that is not UTF-8 was taken")
  if text == "***" then return end -- Patchbay's mask, which no field takes
  local found = pattern:match(text)
  local read = code_points(text)
  if not read then return assert(not found, "text that is not UTF-8 was matched") end
  if #source > UNDERSTOOD or #read > LOOKED_AT then return end
  local expected = matches(source, read)
  if expected ~= found then
    error(("%q on %q: expected %s, got %s"):format(source, text, tostring(expected), tostring(found)))
  end
end
