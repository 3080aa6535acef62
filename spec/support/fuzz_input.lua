--- Shared by the harnesses in Lua: an input as a sequence of choices, and values made from it.

local core = require "patchbay.core"

local input = {}

local Input = {}
Input.__index = Input

--- The input `bytes` as a source of choices. After its end, every choice is the first one, so that a shorter
-- input makes something smaller.
function input.new(bytes) return setmetatable({ bytes = bytes, at = 1 }, Input) end

function Input:done() return self.at > #self.bytes end

function Input:byte()
  local byte = self.bytes:byte(self.at) or 0
  self.at = self.at + 1
  return byte
end

--- A whole number from 0 to `count` - 1; `count` is 256 at most.
function Input:below(count) return self:byte() % count end

function Input:one_of(list) return list[self:below(#list) + 1] end

--- Up to 255 bytes of the input, unchanged.
function Input:text()
  local length = self:byte()
  local text = self.bytes:sub(self.at, self.at + length - 1)
  self.at = self.at + length
  return text
end

function Input:rest()
  local text = self.bytes:sub(self.at)
  self.at = #self.bytes + 1
  return text
end

local texts = { "", "a", "abc", "\195\169", "\240\159\152\128", "\255", "\0", "12" }
local numbers = { 0, 1, -1, 2, 7, 10, 0.5, -0.25, 1.5, 255, 1e15, 2 ^ 53, -2 ^ 53, 1e300, 5e-324, 0.1 }

--- A number: a special one, a whole one, or one with a fraction.
function Input:number()
  local kind = self:below(4)
  if kind == 0 then return self:one_of(numbers) end
  local number = self:byte() * 256 + self:byte()
  if kind == 1 then return number end
  if kind == 2 then return -number / 8 end
  return (number * 65536 + self:byte()) * 10 ^ (self:byte() % 40 - 20)
end

--- Any JSON value, at most `depth` levels deep.
function Input:value(depth)
  local kind = self:below(depth > 0 and 8 or 6)
  if kind == 0 then return self:text() end
  if kind == 1 then return self:number() end
  if kind == 2 then return self:below(2) == 1 end
  if kind == 3 then return core.json.null end
  if kind == 4 then return self:one_of(texts) end
  if kind == 5 then
    return core.json.number(("%d00000000000000000000.%d1"):format(self:byte() + 1, self:byte()))
  end
  local made = {}
  local members = self:below(5)
  for i = 1, members do
    local name = i
    if kind == 7 then name = self:one_of { "a", "b", "c", "a b", "", "d" } end
    made[name] = self:value(depth - 1)
  end
  return kind == 6 and core.json.array(made) or made
end

--- Whether two values are deeply equal as JSON, whatever the subtype of numbers.
function input.equal(a, b)
  if a == b or type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for name, member in pairs(a) do
    if not input.equal(member, b[name]) then return false end
  end
  for name in pairs(b) do
    if a[name] == nil then return false end
  end
  return true
end

--- Raises with both values if they are not equal.
function input.same(what, expected, actual)
  if expected ~= actual then
    error(("%s: expected %s, got %s"):format(what, tostring(expected), tostring(actual)), 2)
  end
end

return input
