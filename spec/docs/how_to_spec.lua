-- The how-to pages, done as a reader does them: the ```console blocks of a page are typed into one shell, in
-- their order, in a folder with the examples and with a server that simulates the vendors. What they print is
-- what the page shows ("…" stands for anything within a line).

local command = require "spec.support.command"
local errors = require "patchbay.errors"
local markdown = require "spec.support.markdown"
local system = require "spec.support.system"

-- Pages without commands of their own: the specs that run their example.
local ELSEWHERE = {
  ["install-in-openresty"] = "spec/hosts/nginx/how_to_spec.lua",
  ["install-in-haproxy"] = "spec/hosts/haproxy/example_spec.lua",
}

local pages = {}
for path in system.output("ls docs/how-to/*.md"):gmatch "[^\n]+" do
  if not path:find "README" then pages[#pages + 1] = path end
end

-- The commands of a page: { line =, text =, output = }. A line that ends with a backslash goes on.
local function commands_of(text)
  local list = {}
  for _, block in ipairs(markdown.blocks(text)) do
    if block.kind == "console" then
      local number, open = block.line - 1, false
      for line in block.text:gmatch "([^\n]*)\n" do
        number = number + 1
        local typed = line:match "^%$ (.*)$"
        if open then
          list[#list].text = list[#list].text .. "\n" .. line
        elseif typed then
          list[#list + 1] = { line = number, text = typed, output = "" }
        else
          list[#list].output = list[#list].output .. line .. "\n"
        end
        open = (typed or open) and line:find "\\$" ~= nil
      end
    end
  end
  return list
end

local function agrees(shown, got)
  local pattern = shown:gsub("%p", "%%%0"):gsub("…", "[^\n]*")
  return got:find("^" .. pattern .. "$") ~= nil
end

local MARK = "--- command %d ---\n"

-- Types the commands into one shell; the output of each.
local function type_in(server, commands, folder)
  local root, quote = system.line "pwd", system.quote
  system.run(("mkdir %s/bin && ln -s %s/examples %s/examples"):format(folder, quote(root), folder))
  -- The whole path: in this folder lua5.4 is a program that starts it.
  local interpreter = system.line("command -v " .. quote(system.interpreter()))
  if not interpreter:find "^/" then interpreter = root .. "/" .. interpreter end
  for _, name in ipairs { "patchbay", "patchbay-sandbox" } do
    system.run(("ln -s %s/bin/%s %s/bin/%s"):format(quote(root), name, folder, name))
  end
  system.write(folder .. "/bin/lua5.4", "#!/bin/sh\nexec ", quote(interpreter), ' "$@"\n')
  system.run("chmod +x " .. folder .. "/bin/lua5.4")
  local lines = { server.exports, "export XDG_CONFIG_HOME=" .. folder .. "/config LC_ALL=C.UTF-8",
    "export PATCHBAY_LUA=" .. quote(interpreter), ("cd %s && PATH=%s/bin:$PATH"):format(folder, folder),
    "exec 2>&1" }
  for i, one in ipairs(commands) do
    lines[#lines + 1] = ("printf '%s'"):format(MARK:format(i):gsub("\n", "\\n"):gsub("^%-", "\\055"))
    lines[#lines + 1] = one.text
  end
  lines[#lines + 1] = "true"
  local out, err, status = system.run(table.concat(lines, "\n"))
  assert.equal("", err)
  assert.equal(0, status)
  local outputs = {}
  for i = 1, #commands do
    local _, from = out:find(MARK:format(i), 1, true)
    local to = out:find(MARK:format(i + 1), 1, true)
    outputs[i] = from and out:sub(from + 1, (to or 0) - 1) or ""
  end
  return outputs
end

describe("the how-to pages #slow", function()
  if command.lacks() then
    pending(command.lacks())
    return
  end

  local server, folder
  setup(function() server = command.start() end)
  teardown(function() if server then server:stop() end end)
  before_each(function()
    server:reset()
    folder = system.line "mktemp -d"
  end)
  after_each(function() system.run("rm -rf " .. folder) end)

  for _, page in ipairs(pages) do
    local text = system.read(page)
    local commands = commands_of(text)
    if #commands > 0 then
      it(page .. " shows what its commands print", function()
        for i, got in ipairs(type_in(server, commands, folder)) do
          local one = commands[i]
          local title = ("%s:%d: $ %s\n"):format(page, one.line, one.text)
          if not agrees(one.output, got) then assert.equal(title .. one.output, title .. got) end
        end
      end)
    end
  end

  it("each run something, or a spec of their example does", function()
    local idle = {}
    for _, page in ipairs(pages) do
      local spec = ELSEWHERE[page:match "([^/]+)%.md$"]
      local runs = #commands_of(system.read(page)) > 0 or spec and system.exists(spec)
      if not runs then idle[#idle + 1] = page end
    end
    assert.same({}, idle)
  end)

  it("say what to do with each kind of error", function()
    local text, missing = system.read "docs/how-to/error-kinds.md", {}
    local rows = text:match "\n| `err.kind` |.-\n\n"
    for kind in pairs(errors.kinds) do
      if not rows:find("`" .. kind .. "`", 1, true) then missing[#missing + 1] = kind end
    end
    assert.same({}, missing)
  end)

  it("each fit on two screens", function()
    for _, page in ipairs(pages) do
      local _, lines = system.read(page):gsub("\n", "")
      assert.truthy(lines <= 110, page .. " has " .. lines .. " lines")
    end
  end)

  it("name each script of examples/how-to", function()
    local all = {}
    for _, page in ipairs(pages) do all[#all + 1] = system.read(page) end
    local text, missing = table.concat(all), {}
    for name in system.output("ls examples/how-to"):gmatch "[^\n]+" do
      if not text:find("examples/how-to/" .. name, 1, true) then missing[#missing + 1] = name end
    end
    assert.same({}, missing)
  end)
end)
