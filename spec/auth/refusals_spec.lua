-- Credentials that are refused are not sent again and again, and a token that is refused for one record costs
-- no login each time.

local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"

local answer = scripted.answer

-- A transport that answers logins with `login` and other calls with `call`: functions of the request and of
-- how many there were of its kind, that return what scripted.answer does. Each request takes 0.05 s.
local function transport_of(login, call)
  local transport
  transport = scripted.new(function(request)
    transport.time = transport.time + 0.05
    local is_login = request.url:find "oauth" ~= nil
    local kind = is_login and "logins" or "calls"
    transport[kind] = transport[kind] + 1
    return (is_login and login or call)(request, transport[kind])
  end)
  transport.logins, transport.calls = 0, 0
  return transport
end

local function good_login(_, n)
  return answer(200, { token = "access-" .. n, successful = true, access_token = "access-" .. n })
end

local function good(request) return answer(200, request.body) end

local function convirza(transport, retries)
  return patchbay.convirza { email = "me@example.com", password = "secretsecret", transport = transport,
    retries = retries }
end

local function telegent(transport)
  return patchbay.telegent { account_key = "DID-1", account_secret = "secretsecret", transport = transport }
end

local function crazytel(transport, options)
  local given = { api_key = "secretsecret", rate = 1e6, transport = transport }
  for name, value in pairs(options or {}) do given[name] = value end
  return patchbay.crazytel(given)
end

local function is_convirza(client) return (pcall(function() return client.provisioned_routes end)) end

local function run(client, count, concurrency)
  local ids = {}
  for i = 1, count do ids[i] = i end
  return patchbay.each(ids, { concurrency = concurrency }, function(i)
    if is_convirza(client) then return client.provisioned_routes:update(i, { call_value = 1 }) end
    return client.voice_routes:update("CRID-" .. i, { TrunkIp1 = "192.0.2.1" })
  end)
end

describe("a refused password", function()
  local refusals = { ["401"] = { 401, '{"message":"wrong password"}' }, ["403"] = { 403, "" },
    ["400, as OAuth has it"] = { 400, '{"error":"invalid_grant"}' },
    ["423, as the account is locked"] = { 423, "" }, ["302, to a page to log in on"] = { 302, "" },
    ["a 200 without success"] = { 200, '{"successful":false,"error":"AccountSecret is wrong"}' } }

  for name, refusal in pairs(refusals) do
    for _, concurrency in ipairs { 1, 8 } do
      it(("(%s) is sent three times at most, %d at once"):format(name, concurrency), function()
        for _, make in ipairs { convirza, telegent } do
          local transport = transport_of(function() return answer(refusal[1], refusal[2]) end, good)
          local report = run(make(transport), 100, concurrency)
          assert.equal(100, report.failed)
          assert.is_true(transport.logins <= (concurrency == 1 and 3 or 2), transport.logins)
          assert.equal(0, transport.calls)
          assert.equal("not_sent", report.failures[100].err.outcome)
        end
      end)
    end
  end

  it("is sent again once in a minute, and a success ends that", function()
    local works = false
    local transport = transport_of(function(_, n)
      return works and good_login(nil, n) or answer(401, '{"message":"wrong password"}')
    end, good)
    local client = convirza(transport)
    run(client, 5, 1)
    assert.equal(3, transport.logins)
    transport.time = transport.time + 61
    run(client, 5, 1)
    assert.equal(4, transport.logins)
    transport.time = transport.time + 61
    works = true
    assert.equal(5, run(client, 5, 1).done)
    assert.same({ 5, 5 }, { transport.logins, transport.calls })
  end)

  it("says so where it is not sent: since when, when again, and the vendor's words", function()
    local transport = transport_of(function() return answer(401, '{"message":"wrong password"}') end, good)
    local client = convirza(transport)
    run(client, 3, 1)
    transport.time = transport.time + 19
    local _, err = client.provisioned_routes:update(1, { call_value = 1 })
    assert.equal("convirza login: not sent: the credentials were refused 3 times in a row; next attempt "
      .. 'in 41 s; the last response: unauthorized (401): "wrong password"; check the credentials',
        err.message)
    assert.same({ "unauthorized", "not_sent", 41, 401, 0 },
      { err.kind, err.outcome, err.retry_after, err.status, err.attempts })
  end)

  it("is not what a login without an answer, or to a busy vendor, is taken for", function()
    for _, failure in ipairs { { 500, "" }, { 503, "" }, { 429, "" } } do
      local transport = transport_of(function(_, n)
        return n <= 4 and answer(failure[1], failure[2]) or good_login(nil, n)
      end, good)
      local client = convirza(transport, 0)
      local report = run(client, 10, 1)
      assert.is_true(report.done >= 5, tostring(report))
    end
  end)
end)

describe("a refused key", function()
  local function refused() return answer(401, '{"detail":"Invalid API key"}') end

  it("is sent three times at most while it has never worked", function()
    local transport = transport_of(nil, refused)
    local client = crazytel(transport)
    for _ = 1, 50 do client.phone_numbers:update("61291230001", { description = "x" }) end
    assert.equal(3, transport.calls)
    local _, err = client.phone_numbers:update("61291230001", { description = "x" })
    assert.equal("crazytel: not sent: api_key was refused 3 times in a row; next attempt in 60 s; the last "
      .. 'response: crazytel phone_numbers.update 61291230001: unauthorized (401): "Invalid '
      .. 'API key"; check api_key: it may be wrong, have expired, or be for something else', err.message)
    transport.time = transport.time + 61
    for _ = 1, 50 do client.phone_numbers:update("61291230001", { description = "x" }) end
    assert.equal(4, transport.calls)
  end)

  it("that has worked may be refused for single records, and is held when it is refused for all", function()
    local revoked = false
    local transport = transport_of(nil, function(request, n)
      return (revoked or n % 2 == 0) and refused() or good(request)
    end)
    local client = crazytel(transport)
    for _ = 1, 40 do client.phone_numbers:update("61291230001", { description = "x" }) end
    assert.equal(40, transport.calls)
    revoked = true
    for _ = 1, 100 do client.phone_numbers:update("61291230001", { description = "x" }) end
    assert.equal(49, transport.calls) -- ten in a row, with the last one of before
  end)

  it("is known to work by a 404 as well", function()
    local transport = transport_of(nil, function(request, n) return n % 3 == 0 and answer(404,
      "") or refused() end)
    local client = crazytel(transport)
    for _ = 1, 40 do client.phone_numbers:update("61291230001", { description = "x" }) end
    assert.equal(40, transport.calls)
  end)

  it("may be a token that was given", function()
    local transport = transport_of(nil, refused)
    local client = patchbay.telegent { token = "secretsecret", transport = transport }
    for _ = 1, 50 do client.numbers:update("+18018018011", { VoiceEnabled = true }) end
    assert.equal(3, transport.calls)
  end)
end)

describe("a proxy's password that is refused", function()
  it("is sent three times at most, and never for a retry", function()
    for _, response in ipairs {
      function() return answer(407, "") end,
      function()
        return nil, { kind = "unauthorized", message = "the proxy refused", sent = "no", status = 407 }
      end,
    } do
      local transport = transport_of(nil, response)
      local client = crazytel(transport, { proxy = "http://me:proxysecret@127.0.0.1:3128" })
      local err
      for _ = 1, 50 do
        local _, failed = client.phone_numbers:update("61291230001", { description = "x" })
        err = failed
      end
      assert.equal(3, transport.calls)
      assert.same({ "unauthorized", "not_sent", 407 }, { err.kind, err.outcome, err.status })
      assert.truthy(err.message:find("the credentials of the proxy were refused 3 times in a row", 1, true))
    end
  end)
end)

describe("a token that is refused for one record", function()
  local function every_tenth(request)
    local id = tonumber(request.url:match "%d+$" or request.body:match '"CRID%-(%d+)"')
    if id % 10 == 0 then return answer(401, '{"message":"out of scope"}') end
    return good(request)
  end

  for _, concurrency in ipairs { 1, 8 } do
    it(("costs no login each time, %d at once"):format(concurrency), function()
      for _, make in ipairs { convirza, telegent } do
        local transport = transport_of(good_login, every_tenth)
        local report = run(make(transport), 200, concurrency)
        assert.same({ 180, 20 }, { report.done, report.failed })
        assert.is_true(transport.logins <= 2, transport.logins)
      end
    end)
  end

  it("costs no second login while a call has yet to try the new token", function()
    for _, make in ipairs { convirza, telegent } do
      -- The record 10 is asked for with the old token, then with the new one, which takes its time.
      local transport, asked = nil, 0
      transport = transport_of(good_login, function(request)
        local id = tonumber(request.url:match "%d+$" or request.body:match '"CRID%-(%d+)"')
        if id == 10 then
          asked = asked + 1
          if asked == 2 then
            local left = transport.calls + 10
            repeat patchbay.sleep(0.001) until transport.calls >= left
          end
        end
        return every_tenth(request)
      end)
      local report = run(make(transport), 40, 2)
      assert.same({ 36, 4 }, { report.done, report.failed })
      assert.equal(2, transport.logins)
    end
  end)

  it("costs few where all that are asked for are foreign", function()
    local transport = transport_of(good_login, function() return answer(403, "") end)
    local report = run(telegent(transport), 500, 4)
    assert.equal(500, report.failed)
    assert.is_true(transport.logins <= 2, transport.logins)
  end)

  it("costs no login at all while the token is new and none has been accepted with it", function()
    local function none() return answer(401, "") end
    for _, make in ipairs { convirza, telegent } do
      for _, concurrency in ipairs { 1, 8 } do
        local transport = transport_of(good_login, none)
        run(make(transport), 100, concurrency)
        assert.equal(1, transport.logins)
      end
    end
  end)

  it("leaves one that has really expired to be replaced, without one failed change", function()
    local revoked
    local transport = transport_of(good_login, function(request, n)
      if n == 50 then revoked = "Bearer access-1" end
      return request.headers.Authorization == revoked and answer(401, "") or good(request)
    end)
    local report = run(convirza(transport), 100, 1)
    assert.same({ 100, 2 }, { report.done, transport.logins })
  end)

  it("leaves one that has really expired meanwhile to be replaced after a few failures", function()
    local revoked
    local transport = transport_of(good_login, function(request, n)
      if n == 150 then revoked = request.headers.Authorization end
      return request.headers.Authorization == revoked and answer(401, "") or every_tenth(request)
    end)
    local report = run(convirza(transport), 300, 1)
    assert.is_true(report.done >= 300 - 30 - 3, tostring(report))
    assert.is_true(transport.logins <= 4, transport.logins)
  end)
end)

describe("a refused refresh token", function()
  -- A client whose stored tokens are another refresh token each time, which the vendor refuses.
  local function refusing(options)
    local refreshes, count = 0, 0
    local transport = transport_of(function(request, n)
      if not request.url:find "refresh" then return good_login(nil, n) end
      refreshes = refreshes + 1
      return answer(401, '{"message":"refresh token is used up"}')
    end, function() return answer(401, "") end)
    local given = { transport = transport, tokens = function()
      count = count + 1
      return { refresh_token = "refresh-" .. count }
    end }
    for name, value in pairs(options or {}) do given[name] = value end
    return patchbay.convirza(given), transport, function() return refreshes end
  end

  it("is a refusal: three in a row, then none for a minute, then one", function()
    local client, transport, refreshes = refusing()
    local function update() return select(2, client.provisioned_routes:update(1, { call_value = 1 })) end
    for _ = 1, 20 do update() end
    assert.equal(3, refreshes())
    local err = update()
    assert.same({ "unauthorized", "not_sent", 401, 0 }, { err.kind, err.outcome, err.status, err.attempts })
    assert.equal("convirza login: not sent: the refresh token was refused 3 times in a row; next attempt in "
      .. '60 s; the last response: unauthorized (401): "refresh token is used up"; check the credentials; '
      .. "there is no email to log in with instead", err.message)
    transport.time = transport.time + 61
    for _ = 1, 20 do update() end
    assert.equal(4, refreshes())
  end)

  it("does not keep the password from being used", function()
    local client, transport, refreshes = refusing { email = "me@example.com", password = "secretsecret" }
    for _ = 1, 5 do
      client.provisioned_routes:update(1, { call_value = 1 })
      transport.time = transport.time + 8 * 86400
    end
    assert.equal(5, transport.logins - refreshes())
  end)
end)
