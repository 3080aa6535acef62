--- Fields whose names mean a secret. Documents mark hardly any, so the name decides; the report lists them,
-- and an overlay adds to them or takes away.

local core = require "patchbay.core"
local naming = require "patchbay.import.naming"

local secrets = {}

-- Words that mean a secret, wherever in the name they stand.
local WORDS = { password = true, passwd = true, passphrase = true, passcode = true, secret = true,
  token = true,
  pin = true, pwd = true, credential = true, credentials = true }

-- Pairs of words that do.
local PAIRS = { api_key = true, private_key = true, access_key = true, auth_key = true, signing_key = true,
  secret_key = true, encryption_key = true, account_key = true, auth_code = true }

-- Names that end so are about a secret, and hold none.
local HARMLESS = { id = true, ids = true, sid = true, uuid = true, type = true, name = true, url = true,
  uri = true,
  at = true, count = true, length = true, enabled = true, expiry = true, expires = true, expiration = true,
  status = true, method = true, ttl = true, policy = true, algorithm = true, required = true, hint = true,
  updated = true, created = true, lifetime = true, secs = true, seconds = true, list = true, lists = true,
  username = true, format = true, realm = true, algo = true }

-- Types that hold no secret.
local PLAIN = { boolean = true, number = true }

-- Some of these letters are in every such name, so that most names need no closer look.
local LETTERS = "pass\npwd\nsecret\ntoken\npin\ncred\nkey\ncode"

--- Whether a name means a secret. Names without separators are read too: "apikey", "authtoken".
function secrets.is(name)
  if not core.document.first_in(name, LETTERS) then return false end
  if name:find "PIN$" then return true end -- VMPIN
  local words, previous, last, found = naming.snake(name) or "", nil, nil, false
  for word in words:gmatch "[^_]+" do
    found = found or WORDS[word] or previous and PAIRS[previous .. "_" .. word]
      or word:find "apikey$" or word:find "password$" or word:find "passwd$" or word:find "secret$"
      or word:find "token$" or word:find "privatekey$"
    previous, last = word, word
  end
  return found and not HARMLESS[last] and true or false
end

--- Whether a field of that type can hold a secret.
function secrets.can_be(kind) return not PLAIN[kind] end

return secrets
