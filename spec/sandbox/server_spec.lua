-- The sandbox as a real server: started by its command, driven with curl.

local json = require "patchbay.sandbox.json"
local system = require "spec.support.system"
local wait = require "spec.support.wait"

local quote = system.quote

local COMMAND = "bin/patchbay-sandbox"
local CRID = "CRID-509de94f-79cc-429b-a317-2102654dabbb"
local TRUNK = "/api/v1/sip-trunks/00000000-0000-0000-0000-000000000001"

-- Standard output and error together, and the exit status.
local function run(command)
  local text, _, status = system.run("{ " .. command .. "\n} 2>&1")
  return text, status
end

local function exports(text)
  local values = {}
  for name, value in text:gmatch "export ([%w_]+)='([^']*)'" do values[name] = value end
  return values
end

local function available()
  local nginx = "{ command -v nginx || command -v openresty || test -x /usr/sbin/nginx; }"
  local _, status = run("command -v curl && " .. nginx)
  return status == 0
end

describe("the sandbox server", function()
  if not available() then
    pending "needs curl and nginx"
    return
  end

  local environment, port, output

  setup(function()
    output = run(COMMAND .. " --background --options '{\"telegent\":{\"numbers\":3}}'")
    environment = exports(output)
    port = (environment.PATCHBAY_BASE_URL or ""):match ":(%d+)$"
    assert(port, output)
  end)

  teardown(function()
    if port then run(COMMAND .. " --stop --port " .. port) end
  end)

  before_each(function() run("curl -sS -X POST " .. environment.PATCHBAY_BASE_URL .. "/_sandbox/reset") end)

  local function curl(arguments, path)
    return run("curl -sS --max-time 5 " .. arguments .. " " .. quote(environment.PATCHBAY_BASE_URL .. path))
  end

  local function post(path, value, more)
    local body = quote(json.encode(value))
    return curl(("%s -H 'Content-Type: application/json' -d %s"):format(more or "", body), path)
  end

  local function key_header() return "-H 'X-Crazytel-Api-Key: " .. environment.CRAZYTEL_API_KEY .. "'" end

  local function token(path)
    local answer = post("/v1.0/oauth2/tokens", {
      AccountKey = environment.TELEGENT_ACCOUNT_KEY,
      AccountSecret = environment.TELEGENT_ACCOUNT_SECRET,
      ApiEndpoint = "https://api.telegent.com" .. path,
    })
    return assert(json.decode(answer)).token
  end

  local function update(fields, more)
    local path = "/v1.0/voice/routes/update"
    return post(path, fields, ("-H 'Authorization: Bearer %s' %s"):format(token(path), more or ""))
  end

  local function stored() return json.decode(curl("", "/_sandbox/state")).telegent.voice_routes[CRID] end

  it("prints its address and credentials as a shell reads them, and how to stop it", function()
    assert.truthy(output:find("export PATCHBAY_BASE_URL='http://127.0.0.1:" .. port .. "'", 1, true))
    assert.truthy(output:find "export TELEGENT_ACCOUNT_KEY='DID%-")
    assert.truthy(output:find "export TELEGENT_ACCOUNT_SECRET='")
    assert.truthy(output:find "export CONVIRZA_EMAIL='%S+@%S+'\nexport CONVIRZA_PASSWORD='")
    assert.truthy(output:find "export CRAZYTEL_API_KEY='")
    assert.truthy(output:find("patchbay-sandbox --stop --port " .. port, 1, true))
  end)

  it("answers an update and keeps it", function()
    local answer = update { CallRouteId = CRID, TrunkIp1 = "20.87.87.87" }
    assert.equal("20.87.87.87", json.decode(answer).TrunkIp1)
    assert.equal("20.87.87.87", stored().TrunkIp1)
  end)

  it("simulates all vendors on one port, distinguished by their paths", function()
    local tokens = json.decode((post("/oauth/token", { email = environment.CONVIRZA_EMAIL,
      password = environment.CONVIRZA_PASSWORD })))
    local bearer = "-X PATCH -H 'Authorization: Bearer " .. tokens.access_token .. "'"
    local answer = post("/v3/provisioned-routes/12345", { sms_enabled = false }, bearer)
    assert.equal("Route updated successfully", json.decode(answer).data.message)
    answer = post(TRUNK, { enabled = false }, "-X PATCH " .. key_header())
    assert.is_false(json.decode(answer).enabled)
    update { CallRouteId = CRID, RouteName = "All three" }
    local state = json.decode((curl("", "/_sandbox/state")))
    assert.is_false(state.convirza.provisioned_routes["12345"].sms_enabled)
    assert.is_false(state.crazytel.sip_trunks["00000000-0000-0000-0000-000000000001"].enabled)
    assert.equal("All three", state.telegent.voice_routes[CRID].RouteName)
  end)

  it("notices a key that is brought along to where a call is sent on to", function()
    local answer = post(TRUNK .. "/", {}, "-i -X PATCH " .. key_header())
    assert.truthy(answer:find "^HTTP/1.1 307 ")
    assert.truthy(answer:find("location: http://localhost:" .. port .. TRUNK .. "\r\n", 1, true))
    local function followed() return json.decode((curl("", "/_sandbox/state"))).crazytel.followed end
    assert.equal(0, #followed())
    post(TRUNK .. "/", {}, "--location -X PATCH " .. key_header())
    assert.same({ { host = "localhost:" .. port, method = "PATCH", path = TRUNK, with_key = true } },
      { followed()[1] })
  end)

  it("answers nothing with neither a label nor, for 204, a length", function()
    post("/_sandbox/options", { crazytel = { delete_status = 204, error_shape = "empty" } })
    local answer = curl("-i -X DELETE " .. key_header(), TRUNK):lower()
    assert.truthy(answer:find "^http/1.1 204 ")
    assert.falsy(answer:find("content-", 1, true))
    answer = curl("-i -X DELETE " .. key_header(), TRUNK):lower()
    assert.truthy(answer:find "^http/1.1 404 ")
    assert.falsy(answer:find("content-type", 1, true))
    post("/_sandbox/options", { crazytel = { delete_status = json.null, error_shape = json.null } })
  end)

  it("answers errors with their status and label", function()
    local answer = curl("-i -H 'Authorization: Bearer nonsense'", "/v1.0/numbers")
    assert.truthy(answer:find "^HTTP/1.1 401 ")
    assert.truthy(answer:lower():find "content%-type: application/json\r?\n")
    assert.truthy(answer:find('{"StatusCode":401,"Message":"', 1, true))
  end)

  it("tells what it received", function()
    curl("-X DELETE -H 'X-Note: seen'", "/v1.0/numbers?Number=%2B1801")
    local requests = json.decode(curl("", "/_sandbox/requests"))
    assert.equal(1, #requests)
    assert.equal("DELETE", requests[1].method)
    assert.equal("/v1.0/numbers", requests[1].path)
    assert.equal("+1801", requests[1].query.Number)
    assert.equal("seen", requests[1].headers["x-note"])
    assert.equal(405, requests[1].status)
  end)

  it("tells the credentials and starts from the options it was given", function()
    local credentials = json.decode(curl("", "/_sandbox/credentials"))
    assert.equal(environment.TELEGENT_ACCOUNT_KEY, credentials.telegent.account_key)
    local count = 0
    for _ in pairs(json.decode(curl("", "/_sandbox/state")).telegent.numbers) do count = count + 1 end
    assert.equal(3, count)
  end)

  it("changes its options while it runs, and refuses unknown ones", function()
    local done = post("/_sandbox/options", { telegent = { error_content_type = "text/plain" } })
    assert.equal('{"ok":true}', done)
    assert.truthy(curl("-i", "/v1.0/numbers"):lower():find "content%-type: text/plain")
    post("/_sandbox/options", { telegent = { error_content_type = json.null } })
    local answer = post("/_sandbox/options", { telegent = { colour = "red" } }, "-i")
    assert.truthy(answer:find "^HTTP/1.1 400 ")
    assert.truthy(answer:find("colour", 1, true))
  end)

  it("moves its clock, so that tokens expire without waiting", function()
    local path = "/v1.0/numbers"
    local header = "-i -H 'Authorization: Bearer " .. token(path) .. "'"
    assert.truthy(curl(header, path .. "?Number=%2B18018018011"):find "^HTTP/1.1 200 ")
    post("/_sandbox/advance", { seconds = 301 })
    assert.truthy(curl(header, path .. "?Number=%2B18018018011"):find "^HTTP/1.1 401 ")
  end)

  it("answers a status instead, as often as told, with Retry-After", function()
    post("/_sandbox/fail", { status = 503, times = 2, retry_after = 1, match = "/v1.0/numbers" })
    for _ = 1, 2 do
      local answer = curl("-i", "/v1.0/numbers")
      assert.truthy(answer:find "^HTTP/1.1 503 ")
      assert.truthy(answer:lower():find "retry%-after: 1\r?\n")
    end
    assert.truthy(curl("-i", "/v1.0/numbers"):find "^HTTP/1.1 401 ")
  end)

  it("drops the connection before the change is made", function()
    post("/_sandbox/fail", { drop = "before", match = "/v1.0/voice/routes/update" })
    local _, status = update { CallRouteId = CRID, TrunkIp1 = "20.0.0.1" }
    assert.equal(52, status)
    assert.equal("198.51.100.10", stored().TrunkIp1)
  end)

  it("drops the connection after the change is made", function()
    post("/_sandbox/fail", { drop = "after", match = "/v1.0/voice/routes/update" })
    local _, status = update { CallRouteId = CRID, TrunkIp1 = "20.0.0.2" }
    assert.equal(52, status)
    assert.equal("20.0.0.2", stored().TrunkIp1)
  end)

  it("cuts the body short of the length it promised", function()
    post("/_sandbox/fail", { cut = 10, match = "/v1.0/voice/routes/update" })
    local answer, status = update { CallRouteId = CRID, TrunkIp1 = "20.0.0.3" }
    assert.equal(18, status)
    assert.truthy(answer:find('{"CallRout', 1, true))
    assert.falsy(answer:find('{"CallRoute', 1, true))
    assert.equal("20.0.0.3", stored().TrunkIp1)
  end)

  it("answers late", function()
    post("/_sandbox/fail", { delay = 0.3 })
    local _, status = curl("--max-time 0.1", "/v1.0/numbers")
    assert.equal(28, status)
    post("/_sandbox/fail", { delay = 0.2 })
    local seconds = curl("-o /dev/null -w '%{time_total}'", "/v1.0/numbers")
    -- A little less than told: nginx counts from when it last looked at the clock.
    assert.truthy(tonumber(seconds) >= 0.15, seconds)
  end)

  it("refuses faults, bodies and calls it does not know", function()
    assert.truthy(post("/_sandbox/fail", { colour = "red" }, "-i"):find "^HTTP/1.1 400 ")
    assert.truthy(curl("-i -d nonsense", "/_sandbox/fail"):find "^HTTP/1.1 400 ")
    assert.truthy(curl("-i", "/_sandbox/fail"):find "^HTTP/1.1 405 ")
    assert.truthy(curl("-i", "/_sandbox/nothing"):find "^HTTP/1.1 404 ")
  end)

  it("takes a body of half a megabyte", function()
    local path = os.tmpname()
    finally(function() os.remove(path) end)
    system.write(path, json.encode { CallRouteId = CRID, RouteName = ("n"):rep(500000) })
    local endpoint = "/v1.0/voice/routes/update"
    local headers = "-H 'Content-Type: application/json' -H 'Authorization: Bearer " .. token(endpoint) .. "'"
    local answer = curl(headers .. " --data-binary @" .. path, endpoint)
    assert.equal(500000, #json.decode(answer).RouteName)
  end)

  it("refuses a port that is in use, a port that is none, and unknown options", function()
    local text, status = run(COMMAND .. " --background --port " .. port)
    assert.equal(1, status)
    assert.truthy(text:find("already running on port " .. port, 1, true))
    text, status = run(COMMAND .. " --port 99999")
    assert.equal(1, status)
    assert.truthy(text:find("99999 is not a port number", 1, true))
    text, status = run(COMMAND .. " --colour")
    assert.equal(1, status)
    assert.truthy(text:find("unknown option --colour", 1, true))
  end)

  it("does not start with options it does not know, and says which", function()
    local text, status = run(COMMAND .. [[ --background --options '{"telegent":{"colour":1}}']])
    assert.equal(1, status)
    assert.truthy(text:find('sandbox.telegent.colour: no such option', 1, true))
  end)

  it("simulates a vendor of one's own alone, from the file that describes it", function()
    local folder = system.line "mktemp -d"
    finally(function() run("rm -rf " .. folder) end)
    system.write(folder .. "/acme.lua", ([[package.path = %q .. "/?.lua;" .. package.path
      return require("spec.support.made_up_vendor").description(nil, "header")]]):format(system.line "pwd"))
    system.write(folder .. "/broken.lua", "return { name = 'acme' }")
    local text = run(([[
      sandbox=$PWD/%s; cd %s
      "$sandbox" --background --description none.lua
      "$sandbox" --background --description broken.lua 2>&1 | grep -o 'sandbox: the .*;' | sort -u
      eval "$("$sandbox" --background --description acme.lua --options '{"acme":{"records":{"trunks":2}}}')"
      call() { curl -sS -o answer -w '%%{http_code} ' "$@"; }
      call $PATCHBAY_BASE_URL/v1/trunks
      call -H "X-Acme-Key: Key $ACME_AUTH_TOKEN" $PATCHBAY_BASE_URL/v1/trunks/1002
      call $PATCHBAY_BASE_URL/v1.0/numbers
      "$sandbox" --stop --port ${PATCHBAY_BASE_URL##*:}]]):format(COMMAND, folder))
    assert.equal("patchbay-sandbox: --description: cannot read the file none.lua\n"
      .. "sandbox: the description: resources: expected a table, got nil;\n401 200 404 ", text)
  end)

  it("names the package to install where nginx has no Lua module, or is missing", function()
    local folder = os.tmpname()
    os.remove(folder)
    finally(function() run("rm -rf " .. folder) end)
    -- An nginx that has nothing built in, and looks for its modules where there are none.
    run(("mkdir %s && printf '#!/bin/sh\\necho nginx/1.0 >&2\\n' > %s/nginx && chmod +x %s/nginx")
      :format(folder, folder, folder))
    local script = folder .. "/patchbay-sandbox"
    run(("sed 's#/usr/lib/nginx/modules#/nowhere#; s#/usr/share/nginx/modules#/nowhere#' %s > %s")
      :format(COMMAND, script))
    local text, status = run(("PATH=%s:$PATH sh %s"):format(folder, script))
    assert.equal(1, status)
    assert.truthy(text:find("apt install libnginx-mod-http-lua", 1, true))
    assert.truthy(text:find("OpenResty", 1, true))
    run(("sed -i 's#nginx openresty /usr/sbin/nginx#no-such-nginx#' %s"):format(script))
    text, status = run("sh " .. script)
    assert.equal(1, status)
    assert.truthy(text:find("apt install nginx libnginx-mod-http-lua", 1, true))
  end)

  it("runs in the foreground until it is told to end, and leaves nothing behind", function()
    local folder = os.tmpname()
    os.remove(folder)
    finally(function() run("rm -rf " .. folder) end)
    local text = run(wait.SHELL .. ([[
      mkdir %s
      TMPDIR=%s %s >%s/out & sandbox=$!
      await grep -q interrupt %s/out
      . %s/out
      curl -sS -o /dev/null -w '%%{http_code} ' $PATCHBAY_BASE_URL/v1.0/numbers
      kill -TERM $sandbox; wait $sandbox
      curl -sS -o /dev/null -w '%%{http_code} ' $PATCHBAY_BASE_URL/v1.0/numbers 2>/dev/null
      ls %s]]):format(folder, folder, COMMAND, folder, folder, folder, folder))
    assert.equal("401 000 out\n", text)
  end)

  it("is started once where two start it on one port at the same time, and can be stopped", function()
    local folder = os.tmpname()
    os.remove(folder)
    finally(function() run("rm -rf " .. folder) end)
    local text = run(([[
      sandbox=$PWD/%s; mkdir %s && cd %s && export TMPDIR=$PWD
      eval "$("$sandbox" --background)" # a port that is free
      port=${PATCHBAY_BASE_URL##*:}
      "$sandbox" --stop
      for n in 1 2 3; do
        { "$sandbox" --background --port $port >out-$n 2>&1; echo status $? >>out-$n; } &
      done
      wait
      cat out-* | grep -E '^(status|patchbay-sandbox)' | sed 's,: a.* server is .* port .*,: in use,' | sort |
        uniq -c | sed 's/^ *//'
      "$sandbox" --stop && ls]]):format(COMMAND, folder, folder))
    assert.equal("2 patchbay-sandbox: in use\n1 status 0\n2 status 1\nout-1\nout-2\nout-3\n", text)
  end)

  it("is started while another one that ends removes the folder of both", function()
    local folder = os.tmpname()
    os.remove(folder)
    finally(function() run("rm -rf " .. folder) end)
    -- An `ls` that finds the folder gone for the first time.
    local text = run(([[
      mkdir -p %s/bin && export TMPDIR=%s && real=$(command -v ls)
      printf '#!/bin/sh\nrmdir %%s/patchbay-sandbox-* 2>/dev/null && touch %%s/gone && rm "$0"\n' \
        $TMPDIR $TMPDIR >%s/bin/ls && printf 'exec %%s "$@"\n' $real >>%s/bin/ls && chmod +x %s/bin/ls
      started=$(PATH=%s/bin:$PATH %s --background) && eval "$started"
      curl -sS -o /dev/null -w '%%{http_code}\n' $PATCHBAY_BASE_URL/v1.0/numbers
      %s --stop; ls %s]]):format(folder, folder, folder, folder, folder, folder, COMMAND, COMMAND, folder))
    assert.equal("401\nbin\ngone\n", text)
  end)

  describe("beside others that start and stop servers", function()
    -- $slow/mkdir and $slow/rm take a second for the folder of the port, and make the file `at` before.
    -- `end_all` stops the server of the port, and tells of those that nothing would stop any more.
    local HEAD = wait.SHELL .. [[
      sandbox=$PWD/%s; mkdir %s && cd %s && export TMPDIR=$(pwd -P)
      base=$TMPDIR/patchbay-sandbox-$(id -u)
      eval "$("$sandbox" --background)" # a port that is free
      port=${PATCHBAY_BASE_URL##*:}
      "$sandbox" --stop
      slow=$TMPDIR/slow; mkdir $slow
      printf '#!/bin/sh\n%%s "$@" || exit\ncase $* in */%%s) touch %%s/at; sleep 1 ;; esac\n' \
        $(command -v mkdir) $port $TMPDIR >$slow/mkdir
      printf '#!/bin/sh\ncase $* in *-rf*/%%s) touch %%s/at; sleep 1 ;; esac\nexec %%s "$@"\n' \
        $port $TMPDIR $(command -v rm) >$slow/rm
      chmod +x $slow/*
      leave_folder() { mkdir -p $base/$port; echo 99999999 >$base/$port/starter; }
      start() { "$sandbox" --background --port $port; }
      slowly() { (PATH=$slow:$PATH; "$sandbox" "$@") >out 2>&1 & await test -e at; }
      said() { grep -h patchbay-sandbox: "$@" | sed "s,$port,PORT,g"; }
      url=http://127.0.0.1:$port/v1.0/numbers
      answer() { curl -s -o /dev/null -w '%%{http_code}\n' $url; }
      end_all() {
        "$sandbox" --stop --port $port; ls -A $base 2>/dev/null
        for pid in $(ps ax -o pid,args | grep -F -- "-p $base/" | grep -v grep | awk '{ print $1 }'); do
          echo "left running"; kill $pid
        done
      }
    ]]

    local function beside(commands)
      local folder = system.line "mktemp -d"
      finally(function() run("rm -rf " .. folder) end)
      return (run(HEAD:format(COMMAND, folder .. "/a", folder .. "/a") .. commands))
    end

    it("starts while another one looks for those that have ended", function()
      assert.equal("401\n", beside [[
        slowly --background --port $port
        "$sandbox" --stop --port 1 >other 2>&1
        wait; said out; answer; end_all]])
    end)

    it("starts once on a port whose folder a killed one has left", function()
      local text = beside [[
        leave_folder
        slowly --background --port $port
        start >other 2>&1
        wait; said out other; answer; end_all]]
      -- The other one may have started it by then.
      local said = text:match "^patchbay%-sandbox: ([^;\n]*)[^\n]*\n401\n$"
      assert.truthy(said == "another server is being started on port PORT"
        or said == "a server is already running on port PORT", text)
    end)

    it("keeps a server that starts while others stop the one before", function()
      assert.equal("401\n", beside [[
        start >/dev/null
        slowly --stop --port $port
        "$sandbox" --stop --port $port >/dev/null 2>&1
        start >other 2>&1
        wait; said other; answer; end_all]])
    end)

    it("keeps a server that starts where a folder is being removed that was left", function()
      assert.equal("401\n", beside [[
        leave_folder
        slowly --stop
        start >other 2>&1
        wait; said other; answer; end_all]])
    end)

    it("starts where another one that ends removes the folder of both before that of the port", function()
      assert.equal("401\n", beside [[
        printf '#!/bin/sh\n%s "$@" && rm %s/chmod && rmdir %s\n' $(command -v chmod) $slow $base >$slow/chmod
        chmod +x $slow/chmod; rm $slow/mkdir
        (PATH=$slow:$PATH; start) >out 2>&1
        said out; answer; end_all]])
    end)

    it("goes on where one was killed that had the lock", function()
      assert.equal("401\n", beside [[
        mkdir $base; ln -s "99999999 patchbay-sandbox" $base/.lock
        start >out 2>&1
        said out; answer; end_all]])
    end)

    it("leaves no server that nothing would stop, however often they do #slow", function()
      local text = beside [[
        often() { for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do "$@"; done >>said 2>&1; }
        often start & often start &
        often "$sandbox" --stop --port $port & often "$sandbox" --stop & often "$sandbox" --stop &
        wait
        end_all >/dev/null 2>&1; end_all
        said said | sort -u]]
      local known = { ["a server is already running on port PORT"] = true, ["no server is running"] = true,
        ["another server is being started on port PORT"] = true,
        ["no server is running in the background"] = true,
        ["no server is running in the background on port PORT"] = true }
      for line in text:gmatch "[^\n]+" do
        assert.truthy(known[line:match "^patchbay%-sandbox: ([^;]*)" or ""], text)
      end
    end)
  end)

  it("can be stopped when what has started it was killed", function()
    local folder = os.tmpname()
    os.remove(folder)
    finally(function() run("rm -rf " .. folder) end)
    local text = run(wait.SHELL .. ([[
      mkdir %s && export TMPDIR=%s
      %s >%s/out & sandbox=$!
      await grep -q interrupt %s/out
      %s --stop; echo $?
      kill -KILL $sandbox; wait $sandbox 2>/dev/null
      %s --stop; echo $?; ls %s]]):format(folder, folder, COMMAND, folder, folder, COMMAND, COMMAND, folder))
    assert.equal("patchbay-sandbox: no server is running in the background\n1\n0\nout\n", text)
  end)

  it("works from an installed tree and from any folder", function()
    local folder = os.tmpname()
    os.remove(folder)
    finally(function() run("rm -rf " .. folder) end)
    local text = run(([[
      mkdir -p '%s/a tree/bin' '%s/a tree/share/lua/5.4' && cp %s '%s/a tree/bin'
      cp -R lua/patchbay '%s/a tree/share/lua/5.4' && cd / && unset LUA_PATH
      started=$('%s/a tree/bin/patchbay-sandbox' --background) && eval "$started"
      curl -sS -o /dev/null -w '%%{http_code}' $PATCHBAY_BASE_URL/v1.0/numbers
      '%s/a tree/bin/patchbay-sandbox' --stop --port ${PATCHBAY_BASE_URL##*:}]])
      :format(folder, folder, COMMAND, folder, folder, folder, folder))
    assert.equal("401", text)
  end)
end)
