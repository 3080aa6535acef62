-- Applies of several processes that have one undo plan, at the same time.

local system = require "spec.support.system"
local together = require "spec.support.together"

-- Applies plans whose changes the vendor refuses, so that none of them ends: the undo plan grows by each.
local SCRIPT = [[
  local patchbay = require "patchbay"
  local acme = require "spec.support.acme"
  local process, path, count = arg[1], arg[2], tonumber(arg[3])
  local records = {}
  for i = 1, count do records[i] = { id = ("P%sN%d"):format(process, i), name = "x" } end
  local description = acme.description()
  local sandbox = patchbay.sandbox.vendor(description, { acme = { records = { lines = records } } })
  local client = patchbay.vendor(description) { key = sandbox.credentials.acme.key, retries = 0,
    transport = function(request)
      if request.method ~= "GET" then return { status = 422, headers = {}, body = "{}" } end
      return sandbox:send(request)
    end }
  local done = 0
  while done < count do
    local id = records[done + 1].id
    local plan = assert(patchbay.plan({ acme = client }, { ["acme.lines"] = { [id] = { name = "y" } } },
      { state = false, undo = path }))
    local report, err = plan:apply()
    if report then
      done = done + 1
      print(id)
    elseif not tostring(err):find("another process is using it", 1, true) then
      print("wrong: " .. tostring(err))
      break
    end
  end
]]

describe("applies at the same time", function()
  local folder

  before_each(function() folder = system.line "mktemp -d" end)
  after_each(function() os.execute("rm -rf " .. system.quote(folder)) end)

  it("leave the old values of all of them in the undo plan #slow", function()
    local path, applies = folder .. "/lines.undo", 25
    local made = together.run(3, SCRIPT, folder, path .. " " .. applies)
    local undo, lost, count = system.read(path), {}, 0
    for id in made:gmatch "[^\n]+" do
      count = count + 1
      if not undo:find(('"key":"%s"'):format(id), 1, true) then lost[#lost + 1] = id end
    end
    assert.equal(3 * applies, count, made)
    assert.same({}, lost)
    assert.equal("lines.undo\nscript.lua", system.line("ls " .. folder))
  end)
end)
