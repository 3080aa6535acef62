--- The Redis protocol, RESP 2, over a socket with send(text) and receive(what), as HAProxy's and LuaSocket's
-- are. https://redis.io/docs/latest/develop/reference/protocol-spec/

local resp = {}

-- Nothing that our scripts return is larger or deeper.
local LARGEST, DEEPEST = 2 ^ 20, 8

--- A command as bytes. `words`: a list of texts.
function resp.encode(words)
  local parts = { ("*%d\r\n"):format(#words) }
  for _, word in ipairs(words) do parts[#parts + 1] = ("$%d\r\n%s\r\n"):format(#word, word) end
  return table.concat(parts)
end

local function line_of(socket)
  local line, problem = socket:receive "*l"
  if not line then return nil, problem end
  return (line:gsub("\r$", ""))
end

--- Reads one reply: true and its value (text, a number, false for nothing, a list), or false and the text of
-- an error; or nil and the problem.
function resp.read(socket, depth)
  depth = depth or 1
  local line, problem = line_of(socket)
  if not line then return nil, problem or "closed" end
  local mark, rest = line:sub(1, 1), line:sub(2)
  if mark == "+" then return true, rest end
  if mark == "-" then return false, rest end
  local number = tonumber(rest)
  if not number or number > LARGEST and mark ~= ":" or depth > DEEPEST then
    return nil, "no reply of Redis"
  end
  if mark == ":" then return true, number end
  if number < 0 then return true, false end
  if mark == "$" then
    local text
    text, problem = socket:receive(number + 2)
    if not text or #text < number + 2 then return nil, problem or "closed" end
    return true, text:sub(1, number)
  elseif mark == "*" then
    local list = {}
    for i = 1, number do
      local ok, value = resp.read(socket, depth + 1)
      if ok == nil then return nil, value end
      list[i] = value
    end
    return true, list
  end
  return nil, "no reply of Redis"
end

return resp
