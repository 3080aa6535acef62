-- Secrets are nowhere where a person may read: not in errors, logs, hooks, nor in what records show.

local json = require "patchbay.sandbox.json"
local patchbay = require "patchbay"
local support = require "spec.support.telegent_client"

-- Shows a field of voice routes, and one of numbers.
local SHOWN = '{"CallRouteStatus":"Active","NumberType":"Mobile"}'

local CRID, MRID, NUMBER = support.CRID, support.MRID, support.NUMBER

local ACCOUNT_SECRET = 'account"secret/with\\escapes é'
local TOKEN = "token-of-one-endpoint"
local VOICE, MESSAGE, CALLBACK = "voice-password-1", "message-password-1", "callback-password-1"
local PIN = "987654"
-- One that holds another.
local LONGER = VOICE .. "-and-more"

local ALL = { ACCOUNT_SECRET, (json.encode(ACCOUNT_SECRET):sub(2, -2)), TOKEN, VOICE, MESSAGE, CALLBACK, PIN,
  "-and-more", "account\\\"secret", "with\\\\escapes" }

-- Everything that has been shown, as one text.
local function flat(value, parts, seen)
  parts, seen = parts or {}, seen or {}
  if type(value) == "number" and value % 1 ~= 0 then
    parts[#parts + 1] = "seconds" -- their digits may be those of a secret by chance
  elseif type(value) ~= "table" then
    parts[#parts + 1] = tostring(value)
  elseif not seen[value] then
    seen[value] = true
    parts[#parts + 1] = (tostring(value):gsub("^table: .*", "table"))
    for name, member in next, value do -- also where there is a __pairs, as a client's, which raises
      flat(name, parts, seen)
      flat(member, parts, seen)
    end
  end
  return table.concat(parts, "\n")
end

local function clean(...)
  for i = 1, select("#", ...) do
    local text = flat((select(i, ...)))
    for _, secret in ipairs(ALL) do
      if text:find(secret, 1, true) then error(("%q is shown in:\n%s"):format(secret, text), 2) end
    end
  end
end

-- A vendor that says everything it was told, in the shape that is wanted.
local function talkative(shape)
  return function(request)
    local heard = (request.body or "") .. " " .. (request.headers.Authorization or "")
    return { 400, shape == "text" and heard or json.encode { StatusCode = 400,
      Message = "You said " .. heard,
        Errors = shape == "fields" and { ["$.x"] = json.array { heard } } or nil } }
  end
end

describe("secrets", function()
  local shown

  local function watch(options)
    shown = {}
    local given = { account_secret = ACCOUNT_SECRET, retries = 0,
      log = function(line) shown[#shown + 1] = line end,
      on_request = function(request) shown[#shown + 1] = request end,
      on_response = function(response) shown[#shown + 1] = response end }
    for name, value in pairs(options or {}) do given[name] = value end
    return given
  end

  -- A client whose token is TOKEN and whose calls are answered by `answer`.
  local function client_of(answer, options)
    local given = watch(options)
    given.account_key = "DID-1"
    function given.transport(request)
      if request.url:find "/oauth2/tokens$" then
        return { status = 200, body = json.encode { token = TOKEN, successful = true,
          tokenExpiry = "05/02/2035 06:36:13 PM" } }
      end
      local found = type(answer) == "function" and answer(request) or answer
      if found.fault then return nil, found.fault end
      return { status = found[1], body = found[2], headers = found[3] }
    end
    return patchbay.telegent(given)
  end

  local function with_secrets(client)
    local route, message = client.voice_routes[CRID], client.message_routes[MRID]
    route.VoicePasswordToken = LONGER
    message { MessagePasswordToken = MESSAGE, CallbackMessagePasswordToken = CALLBACK }
    return route, message
  end

  it("are masked in what a record shows", function()
    local route, message = with_secrets(client_of { 200, SHOWN })
    clean(tostring(route), tostring(message), route:diff(), message:diff(), route:request(),
      message:request(), tostring(route:diff()), tostring(message:request()), route:values(),
      message:values { secrets = "omit" }, patchbay.json.encode { route, message },
      tostring(patchbay.describe(message)))
    assert.same({ { field = "VoicePasswordToken", to = "***", changed = "unknown", secret = true } },
      route:diff())
    assert.equal('{"CallRouteId":"' .. CRID .. '","VoicePasswordToken":"***"}', route:request().body)
  end)

  it("are masked by their names where no description says what a field is", function()
    local route = client_of({ 200, SHOWN }, { undocumented = "allow", dry_run = true }).voice_routes[CRID]
    route { api_token = VOICE, Extra = { deep = { password = MESSAGE, list = { { Token = CALLBACK } } } } }
    assert(route:update())
    clean(tostring(route), route:diff(), route:request(), route:values(), patchbay.json.encode(route), shown)
    assert.equal('{"CallRouteId":"' .. CRID .. '","Extra":{"deep":{"list":[{"Token":"***"}],'
      .. '"password":"***"}},"api_token":"***"}', route:request().body)
    route.api_token = patchbay.null
    assert.truthy(route:request().body:find('"api_token":null', 1, true))
  end)

  it("are there for the script itself", function()
    local route, message = with_secrets(client_of { 200, SHOWN })
    assert.same({ LONGER, MESSAGE }, { route.VoicePasswordToken, message:changes().MessagePasswordToken })
  end)

  for _, shape in ipairs { "message", "fields", "text" } do
    it("that the vendor says back as " .. shape .. " are masked in errors, hooks and log", function()
      local client = client_of(talkative(shape))
      local route, message = with_secrets(client)
      for _, record in ipairs { route, message } do
        local _, err = record:update()
        assert.equal("invalid", err.kind)
        assert.truthy(err.body:find("***", 1, true))
        clean(err, err.message, tostring(err))
      end
      local _, err = client.voice_routes:create { RouteName = "x", RouteType = "URL",
        VoicePasswordToken = VOICE }
      clean(err)
      clean(shown)
      assert.is_true(#shown > 9)
    end)
  end

  it("that the vendor says back are masked where they have left the record", function()
    local client = client_of(function() return { 400, json.encode { Message = VOICE } } end)
    local route = client.voice_routes[CRID]
    route.VoicePasswordToken = VOICE
    clean((select(2, route:update())), shown)
  end)

  it("that the vendor says back are masked where the answer ends within one", function()
    for length = #MESSAGE - 1, 4, -1 do
      local client = client_of { 200, "<p>you sent " .. MESSAGE:sub(1, length) }
      local message = client.message_routes[MRID]
      message.MessagePasswordToken = MESSAGE
      local _, err = message:update()
      assert.equal("<p>you sent ***", err.body)
    end
  end)

  it("of the account are masked where the login says them back", function()
    local given = watch()
    given.account_key = "DID-1"
    local function echo(request) return { 200, request.body } end
    local function cut() return { 200, '{"token":"' .. TOKEN } end
    for _, answer in ipairs { talkative "message", talkative "text", echo, cut } do
      given.transport = function(request)
        local found = answer(request)
        return { status = found[1], body = found[2] }
      end
      local _, err = patchbay.telegent(given).numbers:get(NUMBER)
      assert.truthy(err.message:find("telegent login: ", 1, true))
      clean(err, shown)
    end
  end)

  it("that a read shows in clear are masked in hooks, whole or cut off", function()
    local whole = json.encode { MessageRouteId = MRID, MessagePasswordToken = MESSAGE,
      CallbackMessagePasswordToken = CALLBACK }
    for length = #whole, 2, -1 do
      local client = client_of { 200, whole:sub(1, length) }
      local route, err = client.message_routes:get(MRID)
      if route then assert.equal(MESSAGE, route.MessagePasswordToken) end
      clean(err or "", shown)
    end
  end)

  it("of the inventory are masked in hooks, and not shown by the record", function()
    local client = client_of { 200, json.encode { TotalResults = 1,
      PhoneNumbers = json.array { { Number = NUMBER, PortOutPin = PIN } } } }
    for number in client.numbers:list() do
      assert.equal(PIN, number.PortOutPin)
      clean(tostring(number), number:diff(), shown, number:values(), number:values { secrets = "omit" },
        patchbay.json.encode(number), tostring(patchbay.describe(number)))
      assert.equal(PIN, number:values({ secrets = "keep" }).PortOutPin)
    end
    assert.is_true(#shown > 0)
  end)

  it("are masked in what client:call shows", function()
    local client = client_of(function(request) return { 200, request.body } end)
    local answer = assert(client:call("POST", "/v1.0/x", { deep = { { MessagePasswordToken = MESSAGE } },
      VoicePasswordToken = VOICE, PortOutPin = PIN }))
    assert.equal(PIN, answer.PortOutPin)
    clean(shown)
  end)

  it("that the vendor says back of client:call are masked: what stands under their names", function()
    for _, answer in ipairs { talkative "message", talkative "text",
      { fault = { message = "no way to " .. PIN } } } do
      local client = client_of(answer)
      local _, err = client:call("POST", "/v1.0/x", { deep = { { MessagePasswordToken = { MESSAGE } } },
        VoicePasswordToken = VOICE, PortOutPin = tonumber(PIN) }, { query = { portoutpin = tonumber(PIN),
        CallbackMessagePasswordToken = CALLBACK } })
      assert.truthy(err.message:find("***", 1, true))
      clean(err, shown)
    end
  end)

  it("that the vendor says back to a read or a deletion are masked where the record holds them", function()
    local client = client_of { 500, json.encode { Message = "row: " .. LONGER } }
    local route = with_secrets(client)
    for _, call in ipairs { "fetch", "confirm", "delete" } do
      local _, err = route[call](route)
      assert.truthy(err.message:find('"row: ***"', 1, true), err.message)
      clean(err, shown)
    end
  end)

  it("are masked under dry_run", function()
    local route, message = with_secrets(client_of({ 200, SHOWN }, { dry_run = true }))
    assert(route:update())
    assert(message:update())
    assert.equal(4, #shown)
    clean(shown)
  end)

  it("are in no error about a connection", function()
    local client = client_of { fault = { kind = "network", message = "closed", sent = "maybe" } }
    local route = with_secrets(client)
    clean((select(2, route:update())), shown)
  end)

  it("are in nothing that is raised", function()
    local client = client_of { 200, SHOWN }
    local route = client.voice_routes[CRID]
    local function raised(value) return select(2, pcall(function() route.VoicePasswordToken = value end)) end
    for _, value in ipairs { { VOICE }, { [VOICE] = 1 }, VOICE .. "\255" } do
      assert.truthy(raised(value):find("voice_routes.VoicePasswordToken: ", 1, true))
      clean(raised(value))
    end
    clean(select(2, pcall(function() route.VoicePaswordToken = VOICE end)))
    for _, options in ipairs { { account_secret = { VOICE } }, { account_secret = VOICE .. "\n" },
      { token = VOICE .. "\r\n" }, { acount_secret = VOICE }, { base_url = "https://u:" .. VOICE .. "@h" },
      { token = VOICE, retries = -1 } } do
      options.account_key = options.account_key or "DID-1"
      local good, err = pcall(patchbay.telegent, options)
      assert.is_false(good)
      clean(err)
    end
  end)

  it("are not in what a client and its collections print", function()
    local client = client_of { 200, SHOWN }
    assert(client.numbers:get(NUMBER))
    clean(tostring(client), tostring(client.numbers), tostring(client.voice_routes))
  end)

  it("are in no table that can be reached from a record or a client over libcurl", function()
    local client = patchbay.telegent { token = TOKEN, base_url = "http://127.0.0.1:9", retries = 0 }
    local _, err = client.numbers:get(NUMBER)
    assert.same({ "network", "not_sent" }, { err.kind, err.outcome })
    clean(client, client.numbers[NUMBER], err)
  end)

  it("are not searched for in vain: what is masked is only they", function()
    local client = client_of { 400, json.encode { Message = "The password is too short: use 8 characters." } }
    local route = client.voice_routes[CRID]
    route.VoicePasswordToken = VOICE
    assert.equal("telegent voice_routes.update " .. CRID
      .. ': invalid (400): "The password is too short: use 8 '
      .. 'characters."', select(2, route:update()).message)
    -- Too short to be told from a word that stands there by chance.
    route.VoicePasswordToken = "is"
    assert.truthy(select(2, route:update()).message:find("The password is too", 1, true))
  end)
end)
