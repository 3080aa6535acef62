--- Masks one text, for bench/mask.lua, which counts the instructions.
--
--   mask_job.lua kind secrets bytes

local redact = require "patchbay.exchange.redact"

local kind, secrets, length = ...
secrets, length = tonumber(secrets), math.floor(tonumber(length))

local list = {}
for i = 1, secrets do list[i] = ("secret-%04d-of-the-account-%04d"):format(i, (i * 7919) % 10000) end

local pieces = {
  body = [[{"CallRouteId":"CRID-509de94f-79cc-429b-a317-2102654dabbb","TrunkIp1":"20.87.87.87","TrunkPort1":]]
    .. [["5061","VoiceUrl":"https:\/\/domain.example","TrunkEnabled1":true,"Trunk1Weight":10},]],
  base64 = "VGhlcmUgaXMgbm90aGluZyBzZWNyZXQgaW4gdGhpcyB0ZXh0IHdoYXRzb2V2ZXIu",
  escapes = [[\u0061\u0062\u0063\u0064]],
  secrets = list[1] .. " ",
  letter = "a",
  addresses = "https://user:password@host.example/path ",
}

if kind == "letter" then
  for i = 1, secrets do list[i] = ("a"):rep(20 + i) end
end

local piece = pieces[kind]
local text = piece:rep(math.floor(length / #piece) + 1):sub(1, length)
if kind == "body" then text = "[" .. piece:rep(math.floor(length / #piece)):sub(1, -2) .. "]" end

if #text < length / 2 then error "the text is too short" end
redact.body(text, redact.names { "password", "token" }, list)
