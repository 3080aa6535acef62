--- Letters of ASCII, whatever locale the program has set. string.lower and the classes of patterns (%a, %w,
-- %p) follow it: in a Turkish one the I of CONTENT-ID has no small i, and in others é is a letter.

local ascii = {}

local LOWER, UPPER = {}, {}
for code = ("A"):byte(), ("Z"):byte() do
  local upper, lower = string.char(code), string.char(code + 32)
  LOWER[upper], UPPER[lower] = lower, upper
end

--- The text with the letters A to Z in lower case.
function ascii.lower(text) return (text:gsub("[A-Z]", LOWER)) end

--- The text with the letters a to z in upper case.
function ascii.upper(text) return (text:gsub("[a-z]", UPPER)) end

--- The text without white space at its ends.
function ascii.trim(text) return (text:gsub("^[\t-\r ]+", ""):gsub("[\t-\r ]+$", "")) end

--- A name in lower case, without separators between its words: "Error-Code" and "error_code" are "errorcode".
function ascii.plain_name(name) return (ascii.lower(name):gsub("[_%- ]", "")) end

return ascii
