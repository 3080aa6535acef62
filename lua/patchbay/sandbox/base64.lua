-- Base64 (RFC 4648, section 4).

local base64 = {}

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function letter(index) return ALPHABET:sub(index + 1, index + 1) end

function base64.encode(bytes)
  local parts = {}
  for at = 1, #bytes, 3 do
    local a, b, c = bytes:byte(at, at + 2)
    local number = a * 65536 + (b or 0) * 256 + (c or 0)
    parts[#parts + 1] = letter(math.floor(number / 262144)) .. letter(math.floor(number / 4096) % 64)
      .. (b and letter(math.floor(number / 64) % 64) or "=") .. (c and letter(number % 64) or "=")
  end
  return table.concat(parts)
end

return base64
