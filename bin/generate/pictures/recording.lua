--- A recording of the command patchbay on a terminal: plan, apply, kill, resume, undo, against the server
-- that simulates the vendors.

local sandbox_server = require "spec.support.sandbox_server"
local svg = require "bin.generate.pictures.svg"
local system = require "spec.support.system"

local recording = {}

local COLUMNS = 90

local STATE = [[
return {
  ["telegent.voice_routes"] = {
    ["CRID-509de94f-79cc-429b-a317-2102654dabbb"] = { TrunkIp1 = "20.87.87.87" },
  },
  ["telegent.numbers"] = {
    ["+18018018011"] = { VoiceEnabled = false },
    ["+18018018012"] = { VoiceEnabled = false },
  },
}
]]

-- Each step: the line that is typed before the command and says what happens, the words of the command, the
-- answer to its question, and the text at which the process is killed.
local STEPS = {
  { about = "what would change; nothing is sent", words = "plan routes.lua" },
  { about = "apply it; the process is killed half-way", words = "apply routes.lua --concurrency 1",
    answer = "y", kill_at = "2 of 3 items" },
  { about = "the same command does the rest", words = "apply routes.lua --concurrency 1", answer = "y" },
  { about = "take all of it back", words = "undo routes.lua --concurrency 1", answer = "y" },
}

-- The second change of a number is held back at the server, and is not made. So the first two changes are
-- made when the process is killed, however fast the machine is.
local HOLD = { delay = 600, applied = false, match = "/v1.0/numbers/update", after = 1 }

--- The lines that a terminal shows in the end, of what a program wrote.
function recording.screen(written)
  local lines = {}
  for line in (written:gsub("\r\n", "\n") .. "\n"):gmatch "([^\n]*)\n" do
    line = line:match "([^\r]*)$" -- a line that was drawn again
    lines[#lines + 1] = (line:gsub("\27%[[%d;]*%a", ""):gsub("%s+$", ""))
  end
  while lines[1] == "" do table.remove(lines, 1) end
  while lines[#lines] == "" do lines[#lines] = nil end
  return lines
end

--- Durations and rates, which differ in each run, as "…".
function recording.mask(line)
  return (line:gsub("(%d items?), .*$", "%1"):gsub(" skipped in .*$", " skipped in …")
    :gsub("^latency: .*$", "latency: p50 …, p95 …, p99 …"))
end

-- The program that runs this, for another folder.
local function interpreter(root)
  local program = system.interpreter()
  if program:find "/" and not program:find "^/" then program = root .. "/" .. program end
  return system.quote(program)
end

-- Runs a step; returns its lines.
local function run(step, server, folder)
  local root, quote = system.line "pwd -P", system.quote
  -- Nothing of the user's own: no accounts, no colours, no other width.
  local environment = ("cd %s || exit\nexport XDG_CONFIG_HOME=%s XDG_CACHE_HOME=%s\n"
    .. "export LC_ALL=C.UTF-8 TERM=xterm\nunset COLUMNS NO_COLOR\n"):format(quote(folder), quote(folder),
    quote(folder .. "/cache"))
  local kill = step.kill_at and "--kill-at " .. quote(step.kill_at) or ""
  local terminal = ("python3 %s/spec/support/terminal.py %s %d %s"):format(quote(root), kill, COLUMNS,
    quote(step.answer or ""))
  local command = ("%s %s/lua/patchbay/command/program.lua '' '' bin %s"):format(interpreter(root),
    quote(root), step.words)
  local out, err, status = system.run(("%s\n%s%s %s"):format(server.exports, environment, terminal, command))
  local expected = step.kill_at and 137 or step.words:find "^plan" and 2 or 0
  if status ~= expected then
    error(("patchbay %s: status %d\n%s%s"):format(step.words, status, out, err), 0)
  end
  local lines = recording.screen(out)
  for i, line in ipairs(lines) do lines[i] = recording.mask(line) end
  -- As a shell says it.
  if step.kill_at then lines[#lines + 1] = "Killed" end
  return lines
end

--- Runs the steps: a list of { about =, words =, lines = }.
function recording.steps()
  local server = sandbox_server.start()
  local folder = system.line "mktemp -d"
  local list = {}
  local ok, why = pcall(function()
    system.write(folder .. "/routes.lua", STATE)
    for i, step in ipairs(STEPS) do
      if step.kill_at then server:fail(HOLD) else server:control("POST", "heal", {}) end
      list[i] = { about = step.about, words = step.words, lines = run(step, server, folder) }
    end
  end)
  server:stop()
  os.execute("rm -rf " .. system.quote(folder))
  if not ok then error(why, 0) end
  return list
end

-- ---- the picture ----

local LINE, LEFT, TOP = 18, 20, 52

-- The steps appear one after the other, once and within five seconds: what moves for longer needs a switch
-- (WCAG 2.2, 2.2.2). Whoever wants no movement, or prints it, has all of it at once.
local STYLE = [[
@media (prefers-reduced-motion:no-preference){
.step{animation:appear .3s both}
@keyframes appear{from{opacity:0}to{opacity:1}}
}
@media print{.step{animation:none}}
]]

local function colour_of(line)
  if line == "Killed" then return "bad h" end
  if line:find "^  [~+-] " or line:find "%->" then return "warn" end
  if line:find "^updated" or line:find "takes it back$" then return "good" end
  if line:find "^%[" then return "soft" end
  return "text"
end

--- The picture of recorded steps.
function recording.picture(steps)
  local parts, y = {}, TOP
  local width = 2 * LEFT + COLUMNS * svg.CELL
  -- Within the border of the picture.
  parts[1] = ('<path class="bar" d="M1 8a7 7 0 0 1 7 -7h%sa7 7 0 0 1 7 7v24h-%sz"/>'):format(
    svg.number(width - 16), svg.number(width - 2))
  parts[2] = svg.words(LEFT, 21, "patchbay: plan, apply, kill, resume, undo", "soft small")
  for i, step in ipairs(steps) do
    parts[#parts + 1] = ('<g class="step" style="animation-delay:%ss">'):format(svg.number((i - 1) * 1.2))
    local function add(line, class)
      parts[#parts + 1] = svg.code(LEFT, y, line, class)
      y = y + LINE
    end
    add("# " .. step.about, "soft")
    add("$ patchbay " .. step.words, "mark h")
    for _, line in ipairs(step.lines) do add(line, colour_of(line)) end
    y = y + LINE
    parts[#parts + 1] = "</g>"
  end
  return svg.page {
    width = width, height = y - 4, parts = parts, style = STYLE,
    title = "A terminal: patchbay plan, apply, kill, resume, undo",
    about = "patchbay plan shows that a voice route and two numbers would change, field by field. patchbay "
      .. "apply asks, and makes two of the three changes; then the process is killed. The same command "
      .. "again makes the change that is left. patchbay undo puts all three back.",
  }
end

return recording
