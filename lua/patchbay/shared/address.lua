--- Addresses of a store, Redis or Valkey:
--
--   redis://[user:password@]host[:port][/database]
--   rediss://…[?ca_file=path of the authorities to trust]     with TLS
--   unix://[user:password@]/path[?db=database]
--
-- User and password may be percent-encoded. No message quotes an address, because it may hold a password.

local address = {}

local DEFAULT_PORT = 6379
local MOST_DATABASE = 2 ^ 31 - 1

local EXPECTED = 'expected the address of a store, such as "redis://127.0.0.1:6379/0", '
  .. '"rediss://user:password@host/0" or "unix:///run/redis/redis.sock"'

--- Whether a text is meant to be an address rather than a name.
function address.is_one(text) return type(text) == "string" and text:find("://", 1, true) ~= nil end

local function percent_decoded(text)
  return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

-- User and password, decoded; or nil and the problem.
local function credentials(made, userinfo)
  if not userinfo then return made end
  local user, password = userinfo:match "^([^:]*):(.*)$"
  if not user then user, password = "", userinfo end
  user, password = percent_decoded(user), percent_decoded(password)
  if password == "" then return nil, "the address names a user without a password" end
  made.user, made.password = user ~= "" and user or nil, password
  return made
end

local function database(made, text)
  local number = text == nil and 0 or tonumber(text:match "^%d+$")
  if not number or number > MOST_DATABASE then
    return nil, "the address names no database by its number, as in redis://127.0.0.1/0"
  end
  made.database = number
  return made
end

local function on_socket(rest)
  local before, query = rest:match "^([^?]*)%??(.*)$"
  local userinfo, path = before:match "^([^/]*)@(/.+)$"
  path = path or before:match "^/.+$"
  if not path then return nil, EXPECTED end
  local number
  if query ~= "" then
    number = query:match "^db=(%d+)$"
    if not number then return nil, "behind the path of a socket only ?db= and a number may stand" end
  end
  local made, problem = credentials({ path = path, shown = "unix://" .. path }, userinfo)
  if not made then return nil, problem end
  return database(made, number)
end

local function on_network(rest, tls)
  local authority, path = rest:match "^([^/?]*)(.*)$"
  -- The last @ ends the credentials: a password may hold one.
  local userinfo, where = authority:match "^(.*)@([^@]*)$"
  where = where or authority
  local host, port = where:match "^%[([%x:.]+)%]:?(%d*)$"
  if not host then host, port = where:match "^([%w._-]+):?(%d*)$" end
  local query = path:match "%?(.*)$"
  path = path:gsub("%?.*$", "")
  if not host or path:find("#", 1, true) then return nil, EXPECTED end
  local ca_file = query and query:match "^ca_file=(.+)$"
  if query and not (ca_file and tls) then
    return nil, "behind the address only ?ca_file= may stand, and only where it begins with rediss://"
  end
  port = port == "" and DEFAULT_PORT or tonumber(port)
  if port < 1 or port > 65535 then return nil, "the port of the address is not between 1 and 65535" end
  local scheme = tls and "rediss" or "redis"
  local made, problem = credentials({ host = host, port = port, tls = tls, ca_file = ca_file,
    shown = ("%s://%s:%d"):format(scheme, host:find(":", 1, true) and "[" .. host .. "]" or host, port) },
    userinfo)
  if not made then return nil, problem end
  local number
  if path ~= "" and path ~= "/" then
    number = path:match "^/(%d+)$" or "?"
  end
  made, problem = database(made, number)
  if made and made.database > 0 then made.shown = made.shown .. "/" .. path:match "%d+" end
  return made, problem
end

--- Parses an address: { host =, port =, path =, tls =, user =, password =, database =, shown = the address
-- for people, without credentials }; or nil and the problem.
function address.parse(text)
  local scheme, rest = text:match "^(%a+)://(.*)$"
  if text:find "[%c%s]" then return nil, "no spaces and control characters can stand in an address" end
  if scheme == "redis" or scheme == "rediss" then return on_network(rest, scheme == "rediss") end
  if scheme == "unix" then return on_socket(rest) end
  return nil, EXPECTED
end

return address
