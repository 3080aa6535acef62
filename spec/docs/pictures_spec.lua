--- The pictures of docs/pictures: current, readable in light and dark, complete in themselves.

local command = require "spec.support.command"
local pictures = require "bin.generate.pictures"
local recording = require "bin.generate.pictures.recording"
local svg = require "bin.generate.pictures.svg"
local system = require "spec.support.system"

-- The relative luminance of a colour such as "#0b5c26" (WCAG 2.2).
local function luminance(colour)
  local sum, weights = 0, { 0.2126, 0.7152, 0.0722 }
  for i, digits in ipairs { colour:match "^#(%x%x)(%x%x)(%x%x)$" } do
    local part = tonumber(digits, 16) / 255
    sum = sum + weights[i] * (part <= 0.04045 and part / 12.92 or ((part + 0.055) / 1.055) ^ 2.4)
  end
  return sum
end

local function contrast(one, other)
  local low, high = luminance(one), luminance(other)
  if low > high then low, high = high, low end
  return (high + 0.05) / (low + 0.05)
end

describe("pictures", function()
  for _, picture in ipairs(pictures) do
    it("are those of a new run: " .. picture.path .. (picture.has_server and " #slow" or ""), function()
      if picture.has_server then
        local lacks = command.lacks()
        if lacks then return pending(lacks) end
        if select(3, system.run "command -v python3") ~= 0 then return pending "needs python3" end
      end
      assert.truthy(system.read(picture.path) == picture.draw(), picture.path .. ": run make pictures")
    end)

    if picture.path:find "%.svg$" then
      it("are well formed, complete, and described: " .. picture.path, function()
        local text, open = assert(system.read(picture.path)), {}
        for close, name, rest in text:gmatch "<(/?)([%a]+)([^>]*)>" do
          if close == "/" then
            assert.equal(open[#open], name)
            open[#open] = nil
          elseif not rest:find "/$" then
            open[#open + 1] = name
          end
        end
        assert.same({}, open)
        assert.matches('role="img" aria%-labelledby="title about"', text)
        assert.matches('<title id="title">%a', text)
        assert.matches('<desc id="about">%a', text)
        for _, pattern in ipairs { "<script", "href", "url%([^#]", "@import", "<image", "<foreign" } do
          assert.is_nil(text:find(pattern), pattern)
        end
        assert.is_nil(text:gsub('xmlns="http://www.w3.org/2000/svg"', ""):find "https?://[^<]*\"")
        assert.matches("prefers%-color%-scheme:dark", text)
      end)
    end
  end

  it("have texts with a contrast of 4.5 to 1, and lines of 3 to 1, in both schemes", function()
    for scheme, colours in pairs(svg.colours) do
      for _, ground in ipairs { "ground", "panel" } do
        for _, ink in ipairs { "text", "soft", "good", "warn", "bad", "mark" } do
          assert.truthy(contrast(colours[ink], colours[ground]) >= 4.5,
            ("%s: %s on %s"):format(scheme, ink, ground))
        end
        assert.truthy(contrast(colours.line, colours[ground]) >= 3, scheme .. ": lines on " .. ground)
      end
    end
  end)

  it("move for five seconds at most, and not for those who want no movement", function()
    local text = system.read "docs/pictures/recording.svg"
    assert.truthy(text:find("@media (prefers-reduced-motion:no-preference){\n.step{animation:", 1, true))
    assert.is_nil(text:find "infinite")
    for delay in text:gmatch "animation%-delay:([%d.]+)s" do assert.truthy(tonumber(delay) + 0.3 <= 5) end
  end)
end)

describe("a recording", function()
  it("shows what a terminal shows in the end", function()
    assert.same({ "100%", "a line", "", "the last" },
      recording.screen "\r 10%\27[K\r100%\27[K\r\n\27[1ma line\27[0m\r\n\r\nthe last\r\n")
  end)

  it("masks durations and rates", function()
    assert.equal("[==>  ] 50% 2 of 4 items", recording.mask "[==>  ] 50% 2 of 4 items, 5.4/s, 1 s left")
    assert.equal("2 done, 0 failed, 0 skipped in …", recording.mask "2 done, 0 failed, 0 skipped in 22 ms")
    assert.equal("latency: p50 …, p95 …, p99 …", recording.mask "latency: p50 15 ms, p95 15 ms, p99 1.2 s")
    assert.equal("      TrunkIp1   198.51.100.10 -> 20.87.87.87",
      recording.mask "      TrunkIp1   198.51.100.10 -> 20.87.87.87")
  end)
end)
