-- Tokens that the command keeps between its runs: the requests of each are counted at the server.

local command = require "spec.support.command"
local system = require "spec.support.system"

describe("the tokens of the command", function()
  if command.lacks() then
    pending(command.lacks())
    return
  end

  local ROUTE = "CRID-509de94f-79cc-429b-a317-2102654dabbb"
  local server, folders

  setup(function() server = command.start() end)
  teardown(function() if server then server:stop() end end)
  before_each(function()
    server:reset()
    server.forget_tokens()
    folders = {}
  end)
  after_each(function()
    for _, folder in ipairs(folders) do os.execute("rm -rf " .. folder) end
  end)

  -- The logins and the other requests of a run, which ends with the status 0.
  local function count(words, environment)
    local before = #server:control("GET", "requests")
    local _, err, status = server:run(words, environment)
    assert.same({ "", 0 }, { err, status })
    local logins, others = 0, 0
    local list = server:control("GET", "requests")
    for i = before + 1, #list do
      if list[i].path:find "oauth" then logins = logins + 1 else others = others + 1 end
    end
    return { logins, others }
  end

  local GET = "get telegent.voice_routes " .. ROUTE

  it("are those of the first run, for each endpoint", function()
    assert.same({ 1, 1 }, count(GET))
    assert.same({ 0, 1 }, count(GET))
    assert.same({ 1, 1 }, count "list telegent.voice_routes")
    assert.same({ 0, 1 }, count "list telegent.voice_routes")
    assert.same({ 0, 1 }, count(GET))
  end)

  it("are two for set: four requests at first, then the read and the change", function()
    local function set(name)
      return count(("set telegent.voice_routes %s RouteName=%s --yes"):format(ROUTE, name))
    end
    assert.same({ 2, 2 }, set "one")
    assert.same({ 0, 2 }, set "two")
    assert.same({ 0, 1 }, set "two") -- there is nothing to send
  end)

  it("serve plan, apply and undo", function()
    local folder = system.line "mktemp -d"
    folders[#folders + 1] = folder
    local file = folder .. "/routes.lua"
    system.write(file, ('return { ["telegent.voice_routes"] = { [%q] = { RouteName = "other" } } }')
      :format(ROUTE))
    local apply = ("apply %s --yes"):format(file)
    local cold = count(apply)
    assert.equal(3, cold[1]) -- the read, the numbers that use the route, the change
    local pages = cold[2] - 2
    assert.same({ 0, 1 }, count("plan " .. file))
    assert.same({ 0, 2 }, count(("undo %s --yes"):format(file)))
    assert.same({ 0, 2 + pages }, count(apply))
  end)

  it("are not used by check, which shall find out whether the credentials work", function()
    count(GET)
    for _ = 1, 2 do
      local logins = count "check telegent"[1]
      assert.equal(1, logins)
    end
    assert.same({ 0, 1 }, count(GET))
  end)

  it("are kept where accounts.lua says: in another file, beside it, or nowhere", function()
    local function accounts(option)
      local folder, environment = command.accounts(([[return { telegent = { base_url = %q, account_key = %q,
        account_secret = { env = "TELEGENT_ACCOUNT_SECRET" }, token_cache = %s } }]]):format(server.base_url,
        server.exports:match "TELEGENT_ACCOUNT_KEY='([^']*)'", option))
      folders[#folders + 1] = folder
      return environment, folder
    end
    local environment = accounts "false"
    assert.same({ 1, 1 }, count(GET, environment))
    assert.same({ 1, 1 }, count(GET, environment))
    local folder
    environment, folder = accounts '"mine"'
    assert.same({ 1, 1 }, count(GET, environment))
    assert.same({ 0, 1 }, count(GET, environment))
    assert.is_true(system.exists(folder .. "/patchbay/mine"))
    assert.same({ 1, 1 }, count(GET)) -- it is not the file of the others
  end)

  it("are refused where others may read them, and nothing is sent", function()
    count(GET)
    local path = server.exports:match "XDG_CACHE_HOME='([^']*)'" .. "/patchbay/tokens"
    os.execute("chmod 644 " .. path)
    local before = #server:control("GET", "requests")
    local out, err, status = server:run(GET)
    assert.same({ "", 1 }, { out, status })
    assert.equal(("patchbay: telegent: option token_cache: %s: others may read or write it (mode 0644); "
      .. "allow it to nobody else: chmod 600 %s\n"):format(path, path), err)
    assert.equal(before, #server:control("GET", "requests"))
  end)

  it("that cannot be kept leave the command as it is without them, and it says so", function()
    local _, err, status = server:run(GET, "export XDG_CACHE_HOME=/dev/null/none")
    assert.equal(0, status)
    assert.equal("patchbay: telegent: option token_cache: /dev/null/none/patchbay/tokens: Not a directory; "
      .. "tokens are not kept\n", err)
  end)
end)
