-- Tokens that a client keeps in a file between runs. Each client here plays a process of its own, on a
-- transport with a scripted vendor; spec/auth/token_cache_process_spec.lua has real ones.

local account = require "spec.support.convirza_login"
local core = require "patchbay.core"
local hosts = require "patchbay.hosts"
local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"
local system = require "spec.support.system"
local token_file = require "patchbay.auth.token_file"

local new, sent, update = account.new, account.sent, account.update
local DAY, NOON = account.DAY, scripted.NOON

describe("a cache of tokens", function()
  local folder, path, lines, report

  before_each(function()
    folder = system.line "mktemp -d"
    path = folder .. "/tokens"
    lines, report = {}, hosts.report
    hosts.report = function(line) lines[#lines + 1] = line end
  end)
  after_each(function()
    hosts.report = report
    os.execute("chmod -R u+w " .. system.quote(folder) .. "; rm -rf " .. system.quote(folder))
  end)

  local function make(on, options, time)
    local given = account.with_account { token_cache = path }
    for name, value in pairs(options or {}) do given[name] = value end
    local client, transport = new(given, on)
    transport.time = time or NOON
    return client, transport
  end

  -- Makes an update with a new client: the client's requests.
  local function run(on, options, time)
    local client, transport = make(on, options, time)
    assert(update(client))
    return sent(transport), client, transport
  end

  local function refused_options(given)
    local ok, message = pcall(make, nil, given)
    assert(not ok, "not refused")
    return (message:gsub("^[^ ]*:%d+: ", ""))
  end

  local function files() return system.line("cd " .. folder .. "; ls -A") end

  describe("gives later runs", function()
    it("the token of the first one, so that none of them logs in", function()
      assert.same({ "login", "call access-login1" }, run())
      for _ = 1, 3 do assert.same({ "call access-login1" }, run()) end
      assert.same({}, lines)
    end)

    it("a token of its own for each endpoint, where a vendor demands that", function()
      local function telegent()
        local transport = scripted.new(function(request)
          if request.url:find "/oauth2/" then
            local endpoint = patchbay.json.decode(request.body).ApiEndpoint
            return scripted.answer(200, { token = "token-for-" .. endpoint:match "[^/]*$", successful = true,
              tokenExpiry = "04/03/2026 01:00:00 PM" })
          end
          local token = "Bearer token-for-" .. request.url:match "([^/?]*)[^/]*$"
          if request.headers.Authorization ~= token then return scripted.answer(403, "") end
          return scripted.answer(200, request.method == "GET" and '{"CallRouteId":"CRID-1"}' or request.body)
        end)
        local client = patchbay.telegent { account_key = "DID-1", account_secret = "s3cret",
          transport = transport,
          token_cache = path }
        assert(client.voice_routes:get "CRID-1")
        assert(client.voice_routes:update("CRID-1", { RouteName = "a" }))
        return #transport.requests
      end
      assert.same({ 4, 2, 2 }, { telegent(), telegent(), telegent() })
    end)

    it("no token that has expired; a refresh token is of use then", function()
      run()
      assert.same({ "refresh refresh-login1", "call access-refresh1" }, run(nil, nil, NOON + 8 * DAY))
      assert.same({ "call access-refresh1" }, run(nil, nil, NOON + 8 * DAY + 1))
    end)

    it("no refresh token that another process has used, or may have: accounts are locked for that", function()
      run()
      local lost = make({ refresh = function()
        assert.is_nil(system.read(path):find("refresh-login1", 1, true))
        return nil, { kind = "network", outcome = "unknown", message = "killed" }
      end, login = account.refuse(500) }, { retries = 0 }, NOON + 8 * DAY)
      assert.is_nil((update(lost)))
      assert.same({ "login", "call access-login1" }, run(nil, nil, NOON + 8 * DAY + 1))
    end)

    it("nor one that was there before another process had the lock, and was killed", function()
      run()
      local alone, kept = token_file.lock, system.read(path)
      -- It was read, and then taken out while the lock was waited for.
      token_file.lock = function(name, ...)
        if name ~= path .. ".lock" then
          system.write(path, (kept:gsub('\n.*', "\n")))
        end
        return alone(name, ...)
      end
      local ok, requests = pcall(run, nil, nil, NOON + 8 * DAY)
      token_file.lock = alone
      assert.same({ true, { "login", "call access-login1" } }, { ok, requests })
    end)

    it("a login where the refresh token is refused, and what came of it", function()
      run()
      local on = { refresh = account.refuse(400) }
      assert.same({ "refresh refresh-login1", "login", "call access-login1" }, run(on, nil, NOON + 8 * DAY))
      assert.same({ "call access-login1" }, run(on, nil, NOON + 8 * DAY))
    end)

    it("only the tokens of the same vendor, address and account, and of its present password", function()
      run()
      for _, other in ipairs { { email = "they@example.com" }, { base_url = "https://other.example" },
        { password = "changed" }, { login_url = "https://login.example" } } do
        assert.equal("login", run(nil, other)[1])
      end
      assert.same({ "call access-login1" }, run())
    end)

    it("nothing of a key or a given token, and makes no file for them", function()
      local transport = scripted.new { scripted.answer(200, "") }
      patchbay.crazytel { api_key = "k-12345678", transport = transport, token_cache = path }
        .sip_trunks:update("6f9619ff-8b86-d011-b42d-00cf4fc964ff", { area_code = "02" })
      local client = new { token = "given-token", token_cache = path, email = "me@example.com",
        password = "p" }
      assert(update(client))
      assert.equal("", files())
    end)

    it("as on_tokens does, which is called for a login alone", function()
      local count = 0
      local options = { on_tokens = function() count = count + 1 end }
      run(nil, options)
      run(nil, options)
      assert.equal(1, count)
    end)
  end)

  describe("loses a token that the vendor refuses", function()
    it("and a new one is obtained, once", function()
      run()
      assert.same({ "call access-login1", "refresh refresh-login1", "call access-refresh1" },
        run { call = account.refuse_token "access-login1" })
      assert.same({ "call access-refresh1" }, run())
    end)

    it("also where no new one can be had", function()
      run()
      local client = make { call = account.refuse_token "access-login1", refresh = account.refuse(401),
        login = account.refuse(401) }
      assert.is_nil((update(client)))
      assert.is_nil(system.read(path):find("access-login1", 1, true))
      assert.is_nil(system.read(path):find("refresh-login1", 1, true))
    end)

    it("without a login each time, where it is a record that is refused", function()
      local on = { call = account.refuse(401) }
      local logins = 0
      for i = 1, 20 do
        local client, transport = make(on, nil, NOON + i)
        assert.is_nil((update(client)))
        for _, request in ipairs(sent(transport)) do
          if not request:find "^call" then logins = logins + 1 end
        end
      end
      assert.equal(2, logins)
    end)

    it("also one that another process obtained in vain just now, after three refusals in a row", function()
      run()
      -- One that obtains a token which is withdrawn at once.
      local first = make({ call = account.refuse(401) }, nil, NOON + 62)
      assert.is_nil((update(first)))
      local withdrawn = patchbay.json.decode(system.read(path):match '"values":({[^}]*})').access_token
      local later, transport = make({ call = account.refuse_token(withdrawn), refresh = account.refuse(400),
        login = function() return scripted.answer(200, account.tokens "later") end }, nil, NOON + 63)
      local done = patchbay.each({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }, { concurrency = 12 }, function()
        return update(later)
      end)
      assert.same({ 10, 2 }, { done.done, #done.failures })
      local logins = 0
      for _, request in ipairs(sent(transport)) do
        if request == "login" then logins = logins + 1 end
      end
      assert.equal(1, logins)
    end)

    it("however often that happens, where each new one is accepted", function()
      local good
      local on = { call = function(request)
        if request.headers.Authorization ~= "Bearer " .. good then return scripted.answer(401, "") end
      end }
      good = "access-login1"
      assert.same({ "login", "call access-login1" }, run(on))
      for i = 1, 3 do
        local old = good
        good = "access-withdrawn" .. i
        on.refresh = function() return scripted.answer(200, account.tokens("withdrawn" .. i)) end
        assert.same({ "call " .. old, "call " .. good }, { run(on)[1], run(on)[1] })
      end
    end)

    it("but not the one that another process has obtained meanwhile", function()
      local slow = make { call = account.refuse_token "access-login1" }
      local _, other = run()
      assert(update(other))
      -- This one takes the kept token, which is refused, while another obtains a new one.
      run { call = account.refuse_token "access-login1" }
      local kept = system.read(path)
      assert(update(slow))
      assert.equal(kept, system.read(path))
    end)

    it("and an older one is not put in the place of a newer one", function()
      local late, late_sent
      late, late_sent = make { login = function()
        if #late_sent.requests == 1 then
          -- Another process, which has waited for too long, logs in and is done before this response is
          -- there.
          system.run(("rm -f %s.*.lock"):format(path))
          run { login = function() return scripted.answer(200, account.tokens "newer") end }
        end
        return scripted.answer(200, account.tokens "older")
      end }
      assert(update(late))
      assert.same({ "call access-newer" }, run())
    end)
  end)

  describe("keeps secrets to its user:", function()
    it("its file is for nobody else, whatever the umask, and so is the folder that is made for it", function()
      system.write(folder .. "/script.lua", [[
        local account = require "spec.support.convirza_login"
        local client = account.new(account.with_account { token_cache = true })
        assert(account.update(client))]])
      local command = [[umask 0; XDG_CACHE_HOME=%s/a/b "$lua" %s/script.lua
        cd %s; stat -c "%%a" a a/b a/b/patchbay a/b/patchbay/tokens]]
      assert.equal("700 700 700 600", (system.line(command:format(folder, folder, folder)):gsub("\n", " ")))
    end)

    it("HOME counts where XDG_CACHE_HOME is not set, or no absolute path", function()
      system.write(folder .. "/script.lua", 'print(require("patchbay.auth.token_cache").default_path())')
      local command = [[for cache in "" relative; do
        XDG_CACHE_HOME=$cache HOME=%s "$lua" %s/script.lua; done]]
      local line = folder .. "/.cache/patchbay/tokens"
      assert.equal(line .. "\n" .. line, system.line(command:format(folder, folder)))
    end)

    it("one that others may read is refused when the client is made, with the remedy", function()
      run()
      for _, mode in ipairs { "0640", "0604", "0660" } do
        os.execute(("chmod %s %s"):format(mode, path))
        assert.equal(("convirza: option token_cache: %s: others may read or write it (mode %s); allow it to "
          .. "nobody else: chmod 600 %s"):format(path, mode, path), refused_options())
      end
    end)

    it("one of another user is refused", function()
      if system.line "id -u" ~= "0" then return pending "only root gives files away" end
      run()
      os.execute("chown 65534 " .. path)
      assert.equal(("convirza: option token_cache: %s: it belongs to another user; remove it, or name a "
        .. "file of your own"):format(path), refused_options())
    end)

    it("a symbolic link is refused, and what it leads to stays", function()
      system.write(folder .. "/other", "precious")
      os.execute(("chmod 600 %s/other; ln -s other %s"):format(folder, path))
      assert.equal(("convirza: option token_cache: %s: it is a symbolic link; name the file that it leads to")
        :format(path), refused_options())
      os.remove(path)
      -- One that appears later is not followed.
      local client = make()
      os.execute(("ln -s other %s; ln -s other %s.part"):format(path, path))
      assert(update(client))
      assert.equal("precious", system.read(folder .. "/other"))
      assert.equal(1, #lines)
    end)

    it("nothing that a client or an error shows has one of them", function()
      local _, client, transport = run()
      local other = make { call = account.refuse(401), login = account.refuse(401),
        refresh = account.refuse(401) }
      local _, err = update(other)
      local shown = table.concat({ tostring(client), tostring(err), patchbay.json.encode(err.body or ""),
        table.concat(lines) }, "\n")
      assert.is_nil(shown:find "access%-login1")
      assert.is_nil(shown:find(account.ACCOUNT.password, 1, true))
      assert.is_nil(system.read(path):find(account.ACCOUNT.email, 1, true))
      assert.is_true(#transport.requests > 0)
    end)
  end)

  describe("that is damaged", function()
    -- Runs with `text` as the file: the first run may log in, and the second one need not.
    local function survives(text, options)
      system.write(path, text)
      os.execute("chmod 600 " .. path)
      run(nil, options)
      return run(nil, options)
    end

    it("counts as empty, and is written anew", function()
      run()
      local whole = system.read(path)
      for _, text in ipairs { "", "\0\0\0\0", "{", '{"patchbay_tok', whole:sub(1, -10),
        whole:gsub('"values"', '"v"'),
        whole .. "\255\254 rubbish", whole:gsub("{\"access", "{{\"access"), '{"patchbay_tokens":1}\n{"key":',
        '{"patchbay_tokens":1}\n' .. ("[" ):rep(100000) } do
        assert.same({ "call access-login1" }, survives(text))
      end
      assert.same({}, lines)
    end)

    it("never breaks a call, whichever of its bytes are wrong", function()
      run()
      local whole, seed = system.read(path), 20260403
      local function random(most)
        seed = (seed * 16807) % 2147483647
        return seed % most + 1
      end
      local header = #'{"patchbay_tokens":1}\n'
      for _ = 1, 150 do
        local text = whole
        for _ = 1, random(4) do
          local at = header + random(#whole - header)
          text = text:sub(1, at - 1) .. string.char(random(256) - 1) .. text:sub(at + 1)
        end
        system.write(path, text)
        local ok, problem = pcall(run, { call = function(request)
          if not request.headers.Authorization:find "^Bearer access%-[a-z]+%d$" then
            return account.refuse(401)()
          end
        end })
        assert(ok, tostring(problem) .. "\n" .. text)
      end
    end)

    it("with values of wrong types, or that no header can carry, is of no use", function()
      run()
      local whole = system.read(path)
      for _, values in ipairs { '"access_token":1', '"access_token":{}', '"access_token":"a\\r\\nb"',
        '"access_token":""', '"access_token":null', '"access_token":"x","patchbay_good_until":"soon"',
        '"access_token":"x","patchbay_obtained_at":[]', '"access_token":"x","patchbay_good_until":-1e400' } do
        local text = whole:gsub('"values":{[^}]*}', function() return '"values":{' .. values .. "}" end)
        system.write(path, text)
        assert(pcall(run, { call = account.refuse_token "x" }), values)
      end
    end)

    it("or is something else, stays as it is, and that is said once", function()
      for _, text in ipairs { "return { routes = {} }\n", '{"patchbay_plan":1}\n',
        '{"patchbay_tokens":2}\n{"x":1}\n' } do
        assert.same({ "login", "call access-login1" }, survives(text))
        assert.equal(text, system.read(path))
      end
      assert.equal(2, #lines)
      assert.equal(("patchbay: convirza: option token_cache: %s holds something else than tokens; name "
        .. "another file, or remove this one; tokens are not kept"):format(path), lines[1])
      assert.matches("was written by a newer Patchbay %(format 2; this one knows 1%)", lines[2])
    end)
  end)

  describe("that cannot be used", function()
    it("leaves the calls as they are without one, and that is said once", function()
      if system.line "id -u" == "0" then
        path = "/proc/patchbay-tokens"
      else
        os.execute("chmod 500 " .. folder)
      end
      local client, transport = make()
      for _ = 1, 3 do assert(update(client)) end
      assert.same({ "login", "call access-login1", "call access-login1", "call access-login1" },
        sent(transport))
      assert.equal(1, #lines, table.concat(lines, "\n"))
      assert.matches("tokens are not kept$", lines[1])
    end)

    it("is said, where its folder is missing", function()
      path = folder .. "/none/tokens"
      run()
      assert.matches("No such file or directory; tokens are not kept$", lines[1])
    end)

    it("because the disk is full leaves the calls as they are", function()
      run()
      local kept = system.read(path)
      local replace = core.own_file.replace
      core.own_file.replace = function() return nil, "No space left on device" end
      local ok, requests = pcall(run, { call = account.refuse_token "access-login1",
        login = function() return scripted.answer(200, account.tokens "again") end })
      core.own_file.replace = replace
      assert.is_true(ok, requests)
      -- Its refresh token stays in the file, where later processes find it: this one does not use it.
      assert.same({ "call access-login1", "login", "call access-again" }, requests)
      assert.equal(kept, system.read(path))
      assert.same({ ("patchbay: convirza: option token_cache: %s: No space left on device; tokens are not "
        .. "kept")
        :format(path) }, lines)
    end)

    it("is no folder, no pipe", function()
      os.execute("mkfifo " .. path)
      run()
      assert.matches("it is not a regular file", lines[1])
      assert.equal(('convirza: option token_cache: "%s/" is a folder; name a file in it'):format(folder),
        refused_options { token_cache = folder .. "/" })
    end)
  end)

  describe("does not depend on clocks:", function()
    it("one that was wrong costs a login at most", function()
      run(nil, nil, NOON + 400 * DAY) -- far in the future: the token that comes has expired
      assert.same({ "call access-login1" }, run())
      run(nil, nil, NOON - 400 * DAY)
      assert.same({ "call access-login1", "refresh refresh-login1", "call access-refresh1" },
        run({ call = account.refuse_token "access-login1" }, nil, NOON - 400 * DAY))
    end)
  end)

  it("forgets what nothing can come of, and grows no further than 500 tokens", function()
    for i = 1, 3 do run(nil, { password = "p" .. i }) end
    assert.equal(4, select(2, system.read(path):gsub("\n", "")))
    run(nil, { password = "later" }, NOON + 181 * DAY)
    assert.equal(2, select(2, system.read(path):gsub("\n", "")))
    local one = system.read(path):match "\n(.*)$"
    local many = { '{"patchbay_tokens":1}\n' }
    for i = 1, 800 do many[#many + 1] = one:gsub('"key":"%x+"', ('"key":"%032x"'):format(i)) end
    system.write(path, table.concat(many))
    run(nil, { password = "last" }, NOON + 181 * DAY)
    assert.equal(501, select(2, system.read(path):gsub("\n", "")))
    assert.same({ "call access-login1" }, run(nil, { password = "last" }, NOON + 181 * DAY))
  end)

  it("leaves nothing but its file behind", function()
    run()
    run { call = account.refuse_token "access-login1" }
    assert.equal("tokens", files())
  end)

  it("is refused beside tokens of the script, and with values that are no path", function()
    assert.equal("convirza: option token_cache: the script keeps tokens itself, with the option tokens; "
      .. "leave one of the two out", refused_options { tokens = function() end })
    assert.equal("convirza: option token_cache: expected true or the path of a file, got 1",
      refused_options { token_cache = 1 })
    assert.equal("convirza: option token_cache: the path is empty", refused_options { token_cache = "" })
    assert.same({ "login", "call access-login1" }, run(nil, { token_cache = false }))
    assert.equal("", files())
  end)
end)
