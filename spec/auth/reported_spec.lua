-- Faults that users of other clients have reported publicly, tried here: refused logins and lockouts, clocks
-- and Retry-After, secrets in errors and logs, characters that cannot be seen.

local core = require "patchbay.core"
local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"

local answer, NOON = scripted.answer, scripted.NOON

local function good(request) return answer(200, request.body) end

-- A client of Convirza's, and its transport, which counts logins, refreshes and calls.
local function convirza(on, options)
  local transport
  transport = scripted.new(function(request)
    local kind = request.url:find "refresh" and "refresh" or request.url:find "/oauth/" and "login" or "call"
    transport[kind] = transport[kind] + 1
    local response = on[kind] and on[kind](request, transport)
    if response then return response end
    if kind == "call" then return good(request) end
    return answer(200, { access_token = "access-" .. transport.login, refresh_token = "refresh-1" })
  end)
  transport.login, transport.refresh, transport.call = 0, 0, 0
  local given = { email = "me@example.com", password = "secretsecret", transport = transport }
  for name, value in pairs(options or {}) do given[name] = value or nil end
  return patchbay.convirza(given), transport
end

local function update(client, i) return client.provisioned_routes:update(i or 1, { call_value = 1 }) end

describe("a report of another client", function()
  -- aws-azure-login/aws-azure-login#63, andresth/Kandroid#16
  it("that a wrong password locks the account: three logins and no more", function()
    local client, transport = convirza { login = function() return answer(401, "") end }
    for i = 1, 50 do update(client, i) end
    assert.equal(3, transport.login)
  end)

  -- okta/okta-auth-js#1592
  it("that nothing says that the account is locked: each error has the vendor's words", function()
    local locked = answer(423, '{"message":"the account is locked"}')
    local client = convirza { login = function() return locked end }
    for i = 1, 10 do
      local _, err = update(client, i)
      assert.truthy(err.message:find("the account is locked", 1, true), err.message)
    end
  end)

  -- aws-azure-login/aws-azure-login#63: a lock lasts longer where the password is sent meanwhile
  it("that a locked account is tried again before its time: Retry-After is waited for", function()
    for _, status in ipairs { 401, 423 } do
      local locked = answer(status, '{"message":"locked"}', { ["Retry-After"] = "600" })
      local client, transport = convirza { login = function() return locked end }
      for i = 1, 10 do update(client, i) end
      assert.equal(1, transport.login)
      local _, err = update(client)
      assert.same({ "unauthorized", "not_sent", 600 }, { err.kind, err.outcome, err.retry_after })
      assert.truthy(err.message:find("the credentials were refused; next attempt in 600 s", 1, true))
      transport.time = transport.time + 599
      update(client)
      assert.equal(1, transport.login)
      transport.time = transport.time + 2
      update(client)
      assert.equal(2, transport.login)
    end
  end)

  -- vaadin/vaadin-connect#335, cloudflare/mcp#137, jentic/jentic-one#1252
  it("that a refresh token which is refused is sent again and again", function()
    for _, status in ipairs { 400, 401 } do
      local client, transport = convirza({ refresh = function() return answer(status,
        '{"error":"invalid_grant"}') end },
        { tokens = { refresh_token = "refresh-0" }, email = false, password = false })
      for i = 1, 50 do update(client, i) end
      assert.same({ 1, 0, 0 }, { transport.refresh, transport.login, transport.call })
    end
  end)

  -- openai/openai-java#853, NousResearch/hermes-agent#84738, daniel3303/Equibles#2611
  it("that a negative or past Retry-After breaks the retry, and an HTTP date is ignored", function()
    for value, waited in pairs { ["-1"] = 0, ["-5.5"] = 0,
      [core.text.format_time(NOON - 86400, "http-date")] = 0,
      [core.text.format_time(NOON + 20, "http-date")] = 20 } do
      local first = true
      local client, transport = convirza { call = function()
        if not first then return nil end
        first = false
        return answer(429, "", { ["Retry-After"] = value })
      end }
      assert(update(client))
      local seconds = transport.time - NOON
      assert.is_true(seconds >= waited and seconds < waited + 2, value .. ": " .. seconds)
    end
  end)

  -- xorbitsai/xllamacpp#155
  it("that an HTTP date is compared with a clock that is wrong, and not with Date", function()
    for _, wrong in ipairs { -7200, 7200 } do
      local first = true
      local client, transport = convirza { call = function()
        if not first then return nil end
        first = false
        return answer(429, "", { ["Retry-After"] = core.text.format_time(NOON + wrong + 9, "http-date"),
          Date = core.text.format_time(NOON + wrong, "http-date") })
      end }
      assert(update(client))
      assert.is_true(math.abs(transport.time - NOON - 9) < 2, transport.time - NOON)
    end
  end)

  -- koala73/worldmonitor#5932, manfredsteyer/angular-oauth2-oidc#1135
  it("that a fast clock takes each new token for expired, and logs in without end", function()
    for _, fast in ipairs { 50, 55, 60, 3600 } do
      for _, dated in ipairs { true, false } do
        local client, transport = convirza { login = function(_, transport)
          local theirs = transport.time - fast
          return answer(200, { access_token = "access-" .. transport.login,
            expires_in = core.text.format_time(theirs + 60, "date-time") },
            { Date = dated and core.text.format_time(theirs, "http-date") or nil })
        end }
        for i = 1, 20 do assert(update(client, i)) end
        assert.equal(1, transport.login)
      end
    end
  end)

  -- workos/authkit-nextjs#470, AzureAD/microsoft-authentication-library-for-js#3070
  it("that a slow clock keeps an expired token in use, whatever the server says", function()
    local client, transport = convirza { login = function(_, transport)
      return answer(200, { access_token = "access-" .. transport.login,
        expires_in = core.text.format_time(transport.time + 7200, "date-time") })
    end, call = function(request, transport)
      local expired = transport.time > NOON + 300 and request.headers.Authorization == "Bearer access-1"
      return expired and answer(401, "") or nil
    end }
    assert(update(client))
    transport.time = NOON + 301
    for i = 1, 5 do assert(update(client, i)) end
    assert.equal(2, transport.login)
  end)

  -- slackapi/java-slack-sdk#566, logicalclocks/hopsworks-api#185, nat/ghtop#2
  it("that a line end in a token shows the token in the error", function()
    for _, token in ipairs { "xoxb-s3cr3t-0123\n", "xoxb-s3cr3t\n0123", "\nxoxb-s3cr3t-0123" } do
      for _, options in ipairs { { token = token }, { tokens = { access_token = token } } } do
        local good_options, message = pcall(patchbay.convirza, options)
        assert.is_false(good_options)
        assert.is_nil(message:find("s3cr3t", 1, true), message)
      end
    end
  end)

  -- databricks/databricks-sdk-py#1064, ytsaurus/ytsaurus#1766, 1Password/connect-sdk-js#127
  it("that an error shows the token, where the response cannot be parsed or repeats the request", function()
    for status, body in pairs { [200] = "<html>Authorization: Bearer %s</html>", [500] = "Bearer %s",
      [403] = '{"message":"request headers: {Authorization=Bearer %s}"}' } do
      local shown = {}
      local client = convirza({ call = function(request)
        return answer(status, (body:gsub("%%s", request.headers.Authorization:sub(8))))
      end, login = function() return answer(200, { access_token = "access-s3cr3t-token" }) end },
        { retries = 0, log = function(line) shown[#shown + 1] = line end,
          on_response = function(response) shown[#shown + 1] = patchbay.json.encode(response.body) end })
      local _, err = update(client)
      for _, value in pairs(err) do shown[#shown + 1] = tostring(value) end
      assert.is_nil(table.concat(shown, "\n"):find("s3cr3t", 1, true), table.concat(shown, "\n"))
    end
  end)

  -- Anil-matcha/Open-Generative-AI#315, koush/scrypted#1270, ucfopen/canvasapi#302
  it("that a pasted key with characters that cannot be seen fails with a riddle, or is sent", function()
    for code, key in pairs { ["U+200B"] = "s3cr3t\226\128\139", ["U+FEFF"] = "\239\187\191s3cr3t",
      ["U+2060"] = "s3\226\129\160cr3t", ["U+00AD"] = "s3\194\173cr3t", ["white space"] = " s3cr3t",
      ["beyond ASCII"] = "s3cr3t\240\159\148\145" } do
      local fine, message = pcall(patchbay.crazytel, { api_key = key })
      assert.is_false(fine, code)
      assert.truthy(message:find(code, 1, true), message)
      assert.is_nil(message:find("s3cr3t", 1, true), message)
    end
  end)
end)
