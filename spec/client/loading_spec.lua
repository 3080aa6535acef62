-- The modules that a script loads: a tool that makes one client and ends is not to read the whole library.

local system = require "spec.support.system"

-- The modules that are loaded after `code` has run, as a set of names without "patchbay.".
local function loaded_after(code)
  local path = os.tmpname()
  system.write(path, code .. [[

    for name in pairs(package.loaded) do
      if name:find "^patchbay" then print((name:gsub("^patchbay%.?", ""))) end
    end
  ]])
  local output, _, status = system.run('"$lua" ' .. system.quote(path))
  os.remove(path)
  assert.equal(0, status, output)
  local set = {}
  for name in output:gmatch "[^\n]+" do set[name] = true end
  return set
end

describe("a script", function()
  it("loads nothing for calls, records and bulk runs until it uses them", function()
    for _, client in ipairs {
      'telegent { account_key = "DID-1", account_secret = "s" }',
      'convirza { email = "a@b", password = "s" }',
      'crazytel { api_key = "s" }',
    } do
      local loaded = loaded_after('require "patchbay".' .. client)
      assert.truthy(loaded["client.context"])
      for name in pairs(loaded) do
        assert.falsy(name:find "^bulk" or name:find "^sandbox" or name:find "^describe" or name == "exchange"
          or name == "errors" or name:find "^record%." and name ~= "record.reachable"
          or name == "client.known_options", name)
      end
    end
  end)

  it("loads neither lists nor other calls for an update", function()
    local loaded = loaded_after [[
      local patchbay = require "patchbay"
      local client = patchbay.convirza { email = "a@b", password = "s", token = "t", transport = function()
        return { status = 200, headers = {}, body = '{"code":200,"data":{"provisioned_route_id":7}}' }
      end }
      local route = client.provisioned_routes[7]
      route.provisioned_route_name = "A name"
      assert(route:update())
    ]]
    assert.truthy(loaded["record.update"])
    for _, name in ipairs { "listing", "list_page", "paging", "more_pages", "account_lists", "create",
      "replace", "diff", "rendering" } do
      assert.falsy(loaded["record." .. name], name)
    end
    assert.falsy(loaded["exchange.hooks"])
  end)

  it("gets all that the module has, whenever it asks", function()
    local loaded = loaded_after [[
      local patchbay = require "patchbay"
      for _, name in ipairs { "each", "csv", "metrics", "update", "replace", "changes", "confirm" } do
        assert(patchbay[name] and patchbay[name] == patchbay[name], name)
      end
      local telegent = patchbay.telegent { token = "t", base_url = "http://127.0.0.1:1" }
      assert(telegent.voice_routes == telegent.voice_routes and telegent.call == telegent.call)
    ]]
    assert.truthy(loaded["bulk.each"] and loaded["record.collection"] and loaded["client.raw_call"])
  end)

  it("gets a module at the next use if loading it was broken off", function()
    loaded_after [[
      local patchbay = require "patchbay"
      -- As when memory runs out or Ctrl-C is pressed in the middle of a module that others need.
      package.preload["patchbay.bulk.items"] = function() error("broken off", 0) end
      local good, err = pcall(function() return patchbay.each end)
      assert(not good and tostring(err):find("broken off", 1, true), err)
      package.preload["patchbay.bulk.items"] = nil
      assert(patchbay.each({ 1, 2 }, function() return true end).done == 2)
    ]]
  end)
end)
